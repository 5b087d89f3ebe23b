/**
 * Starts the wasm instance, from the build that the browser can run: without vector instructions where it has none. Both
 * compute the same integers, the latter slowly.
 */

import init from "../../../pkg/shiftwise.js";

/** The smallest module with a vector instruction: `(func (result v128) (i8x16.popcnt (i8x16.splat (i32.const 0))))`. */
const VECTORS = [
  [0, 97, 115, 109, 1, 0, 0, 0],
  [1, 5, 1, 96, 0, 1, 123],
  [3, 2, 1, 0],
  [10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
].flat();

export async function start(): Promise<void> {
  if (WebAssembly.validate(new Uint8Array(VECTORS))) await init();
  else await init({ module_or_path: new URL("../../../target/pkg-scalar/shiftwise_bg.wasm", import.meta.url) });
}
