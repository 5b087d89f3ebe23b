import { expect, it } from "vitest";
import { serviceWorker } from "./offline.mjs";

const template = "const FILES = __FILES__; const CACHE = __VERSION__;";
const run = (source) => new Function(`${source} return { FILES, CACHE };`)();

it("lists every file, and is another version when any name or content changes", () => {
  const first = run(serviceWorker(template, { "index.html": "a", "x.js": "$&" }));
  expect(first.FILES).toEqual(["index.html", "x.js"]);
  const versions = [
    { "index.html": "a", "x.js": "$&" },
    { "index.html": "b", "x.js": "$&" },
    { "index.html": "a", "y.js": "$&" },
    { "index.html": "a$", "x.js": "&" },
  ].map((files) => run(serviceWorker(template, files)).CACHE);
  expect(versions[0]).toBe(first.CACHE);
  expect(new Set(versions).size).toBe(4);
});
