// @vitest-environment node
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { root } from "./run.mjs";
import { cacheDirectory, lockedVersion, tools } from "./tools.mjs";

const read = (file) => readFileSync(path.join(root, file), "utf8");

test("tools go where each system keeps its caches", () => {
  expect(cacheDirectory("linux", {}, "/home/a")).toBe("/home/a/.cache");
  expect(cacheDirectory("linux", { XDG_CACHE_HOME: "/big" }, "/home/a")).toBe("/big");
  expect(cacheDirectory("darwin", {}, "/Users/a")).toBe("/Users/a/Library/Caches");
  expect(cacheDirectory("win32", { LOCALAPPDATA: "D:\\Local" }, "C:\\a")).toBe("D:\\Local");
});

test("a version is read from the lock by the package's whole name", () => {
  const lock =
    '[[package]]\nname = "wasm-bindgen-macro"\nversion = "1.0.0"\n\n[[package]]\nname = "wasm-bindgen"\nversion = "2.0.0"\n';
  expect(lockedVersion("wasm-bindgen", lock)).toBe("2.0.0");
  expect(() => lockedVersion("wasm", lock)).toThrow("no package wasm");
});

test("the crate pins the wasm-bindgen that the set-up installs", () => {
  const tool = tools.find((each) => each.program === "wasm-bindgen");
  expect(read("Cargo.toml")).toContain(`wasm-bindgen = "=${tool.version}"`);
});

test("packages are pinned, and the lock names no address that they come from", () => {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  for (const version of Object.values({ ...dependencies, ...devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
  const { packages } = JSON.parse(read("package-lock.json"));
  expect(Object.entries(packages).filter(([, entry]) => "resolved" in entry)).toEqual([]);
});
