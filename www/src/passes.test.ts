import { expect, it } from "vitest";
import { groupPasses } from "./passes";

it("groups notes by pass, in order", () => {
  const note = (pass: string, text: string) => ({ pass, node: "", text });
  expect(groupPasses([note("fold", "a"), note("fuse", "b"), note("fold", "c")])).toEqual([
    { pass: "fold", texts: ["a", "c"] },
    { pass: "fuse", texts: ["b"] },
  ]);
  expect(groupPasses([])).toEqual([]);
});
