// Writes the service worker of the built page: with the list of all files, and a version that changes with any of them.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * The worker's source with the names in it replaced.
 *
 * @param {string} template
 * @param {Record<string, string | Uint8Array>} files content by path
 */
export function serviceWorker(template, files) {
  const names = Object.keys(files).sort();
  const hash = createHash("sha256").update(template);
  // The length keeps two files' contents apart.
  for (const name of names) hash.update(`\0${name}\0${files[name].length}\0`).update(files[name]);
  return template
    .replace("__FILES__", () => JSON.stringify(names))
    .replace("__VERSION__", () => JSON.stringify(hash.digest("hex").slice(0, 16)));
}

/**
 * The plugin for Vite. All files of the bundle are to be there offline.
 *
 * @param {string} file the template
 * @returns {import("vite").Plugin}
 */
export function offline(file) {
  return {
    name: "shiftwise-offline",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const files = Object.fromEntries(
          Object.values(bundle).map((part) => [part.fileName, part.type === "chunk" ? part.code : part.source]),
        );
        const source = serviceWorker(readFileSync(file, "utf8"), files);
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}
