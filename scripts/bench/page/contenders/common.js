// What every contender needs: its model, its input, and a clock. Each fetches its engine and its model at once, as a page
// would.

import { inputOf, inputSeed, picture } from "../../random.mjs";

/** The result of `work`, and the milliseconds that it took. */
export async function timed(work) {
  const begin = performance.now();
  const result = await work();
  return [result, performance.now() - begin];
}

export async function fetchBytes(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** In ONNX order, [1, 3, side, side]. */
export const inputFor = ({ side }) => inputOf(picture(inputSeed, side));
