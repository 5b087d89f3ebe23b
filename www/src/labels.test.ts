import { expect, it } from "vitest";
import { parseLabels } from "./labels";

it("reads one name a line, with any line ending, and a list in JSON", () => {
  expect(parseLabels("\uFEFFcat\r\n dog \nbird\n\n")).toEqual(["cat", "dog", "bird"]);
  expect(parseLabels('["cat", "dog"]')).toEqual(["cat", "dog"]);
});

it("keeps empty lines in the middle: they hold a class's place", () => {
  expect(parseLabels("cat\n\nbird")).toEqual(["cat", "", "bird"]);
});

it("says what is wrong with other files", () => {
  expect(() => parseLabels(" \n")).toThrow("empty");
  expect(() => parseLabels("[1, 2]")).toThrow("not a list of names");
  expect(() => parseLabels('["cat"')).toThrow("not valid JSON");
});
