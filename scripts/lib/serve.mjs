// Serves files on loopback, and remembers which were asked for.

import { createServer } from "node:http";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

const types = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".png": "image/png",
};

/** As public hosts send files: not isolated, to be kept for a while, and these compressed. */
const hosted = { "Cache-Control": "max-age=600" };
const compressible = /\.(html|css|js|mjs|wasm|json|onnx)$/;

/** Isolated, so that engines whose one binary has threads start, and clocks tick in microseconds. Nothing is cached. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/**
 * `folders` maps a prefix of addresses to a folder. `takeLog()` returns the files served since it was last called, by
 * address. `asHosted`: the way public hosts serve them.
 *
 * @param {Record<string, string>} folders
 */
export async function serve(folders, { asHosted = false } = {}) {
  let log = new Map();
  // Hosts compress once, and not while a browser on the same machine is being timed.
  const zips = new Map();
  const zip = (file) => zips.get(file) ?? zips.set(file, gzipSync(readFileSync(file))).get(file);
  const server = createServer((request, response) => {
    const pathname = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    const prefix = Object.keys(folders).find((start) => pathname.startsWith(start));
    const file = prefix && path.join(folders[prefix], path.posix.normalize(`/${pathname.slice(prefix.length)}`));
    if (!file || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    const zipped = asHosted && compressible.test(file);
    const bytes = zipped ? zip(file) : readFileSync(file);
    log.set(pathname, file);
    const type = types[path.extname(file)] ?? "application/octet-stream";
    const encoding = zipped ? { "Content-Encoding": "gzip" } : {};
    response
      .writeHead(200, {
        ...(asHosted ? hosted : headers),
        ...encoding,
        "Content-Type": type,
        "Content-Length": bytes.length,
      })
      .end(bytes);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    takeLog() {
      const taken = log;
      log = new Map();
      return taken;
    },
    close: () => server.close(),
  };
}
