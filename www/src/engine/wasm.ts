/** Starts the wasm instance of a Worker, from one of the two builds. Both compute the same integers. */

import init, * as page from "../../../pkg/shiftwise.js";
import type * as Complete from "../../../target/pkg-complete/shiftwise.js";

export type EngineMethods = Omit<Complete.Engine, "free">;

/** What either build offers to open a model with. */
export interface Build {
  Engine: { open(model: Uint8Array, manifest?: string | null): page.Engine | Complete.Engine };
}

/** The smallest module with a vector instruction: `(func (result v128) (i8x16.popcnt (i8x16.splat (i32.const 0))))`. */
const VECTORS = [
  [0, 97, 115, 109, 1, 0, 0, 0],
  [1, 5, 1, 96, 0, 1, 123],
  [3, 2, 1, 0],
  [10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11],
].flat();

/** The page's own, fast and small; the complete one, slowly, where the browser has no vector instructions. */
export async function startPage(): Promise<Build> {
  if (!WebAssembly.validate(new Uint8Array(VECTORS))) return startComplete();
  await init();
  return page;
}

/** The one that writes files. It has no vector instructions. */
export async function startComplete(): Promise<Build> {
  const complete = await import("../../../target/pkg-complete/shiftwise.js");
  await complete.default();
  return complete;
}
