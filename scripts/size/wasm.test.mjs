// @vitest-environment node
import { expect, test } from "vitest";
import { measure } from "./wasm.mjs";

const text = (value) => [value.length, ...Buffer.from(value)];
const section = (id, content) => [id, content.length, ...content];

/** One imported function, memory, table and global; two functions of its own. */
const module = Uint8Array.from([
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 0, 0]),
  ...section(2, [
    ...[4, ...text("m"), ...text("f"), 0, 0],
    ...[...text("m"), ...text("memory"), 2, 1, 1, 4],
    ...[...text("m"), ...text("table"), 1, 0x70, 0, 1],
    ...[...text("m"), ...text("global"), 3, 0x7f, 0],
  ]),
  ...section(3, [2, 0, 0]),
  ...section(10, [2, ...[2, 0, 0x0b], ...[4, 0, 1, 1, 0x0b]]),
  ...section(0, [...text("name"), 1, 17, 3, 0, ...text("out"), 1, ...text("first"), 2, ...text("then")]),
]);

test("the module of this test is one", () => {
  expect(WebAssembly.validate(module)).toBe(true);
});

test("functions have the names of their own numbers, after those of imported ones", () => {
  expect(measure(module).functions).toEqual([
    { name: "first", bytes: 2 },
    { name: "then", bytes: 4 },
  ]);
});

test("sections have the sizes of their contents", () => {
  const { sections } = measure(module);
  expect([sections.get(1), sections.get(3), sections.get(10)]).toEqual([4, 3, 9]);
});
