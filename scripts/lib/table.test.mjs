// @vitest-environment node
import { expect, test } from "vitest";
import { table } from "./table.mjs";

test("columns are as wide as their widest cell, numbers to the right", () => {
  expect(
    table(
      ["", "ms"],
      [
        ["long name", "1.0"],
        ["x", "12345"],
      ],
    ),
  ).toEqual(["              ms", "---------  -----", "long name    1.0", "x          12345"]);
});
