// @vitest-environment node
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { Failure } from "../lib/run.mjs";
import { contenders } from "./contenders.mjs";
import { parseOptions } from "./options.mjs";

test("without options everything is measured", () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ parts: ["latency", "pipeline", "startup"], rounds: 10, starts: 3 });
  expect(contenders(options).map(({ id }) => id)).not.toContain("LiteRT.js f32");
});

test("lists choose by parts of names", () => {
  const options = parseOptions(["--only", "f32,shift-wise", "--tflite", "somewhere", "--rounds", "4"]);
  expect(contenders(options).map(({ id }) => id)).toEqual([
    "onnxruntime-web f32",
    "shiftwise shift-wise",
    "LiteRT.js f32",
  ]);
  expect(options.rounds).toBe(4);
});

test("what cannot be understood is refused in a sentence", () => {
  for (const args of [["--rounds", "0"], ["--rounds", "x"], ["--parts", "speed"], ["--colour"], ["stray"]]) {
    expect(() => parseOptions(args), args.join(" ")).toThrow(Failure);
  }
});

test("the engines are pinned, and their lock names no address that they come from", () => {
  const read = (name) => JSON.parse(readFileSync(path.join(import.meta.dirname, name), "utf8"));
  for (const version of Object.values(read("package.json").dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(Object.values(read("package-lock.json").packages).filter((entry) => "resolved" in entry)).toEqual([]);
});
