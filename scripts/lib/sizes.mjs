// What files cost on their way to a browser.

import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** @typedef {{ raw: number, gzip: number, brotli: number }} Sizes  in bytes, at the strongest settings */

/** @returns {Sizes} of files that are sent one by one */
export function sizes(contents) {
  const total = (encode) => contents.reduce((sum, bytes) => sum + encode(bytes).length, 0);
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  return {
    raw: total((bytes) => bytes),
    gzip: total((bytes) => gzipSync(bytes, { level: 9 })),
    brotli: total((bytes) => brotliCompressSync(bytes, quality)),
  };
}
