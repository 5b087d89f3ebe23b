/** What the shown view of the selected channel needs of the engine, and nothing more. */

import type { Engine } from "../engine/client";
import { INTEGER_SCHEMES, SCHEMES, type CallOptions } from "../engine/types";
import type { State } from "../state";
import { isEdited } from "./edits";

export type Details = Pick<State, "channels" | "maps" | "shiftErrors" | "byRule">;

export async function details(engine: Engine, state: State, what: string, task: CallOptions): Promise<Details> {
  const { layers, predictions, node, channel, view, edits } = state;
  const { signal, onProgress } = task;
  const found: Details = { channels: {}, maps: {}, shiftErrors: null, byRule: null };
  if (node === null || channel === null || !layers["layer-wise"]) return found;
  for (const scheme of INTEGER_SCHEMES) {
    found.channels[scheme] = await engine.channel(scheme, node, channel, { signal });
  }
  if (view === "ranges") {
    found.shiftErrors = await engine.shiftErrors(node, channel, { signal });
    const compared = isEdited(edits.present) && predictions["shift-wise"];
    if (compared) found.byRule = state.byRule ?? (await engine.predictByRule({ signal }));
  }
  if (view === "maps" && predictions.float) {
    for (const [done, scheme] of SCHEMES.entries()) {
      onProgress?.({ done, total: SCHEMES.length, what });
      found.maps[scheme] = await engine.activation(scheme, node, channel, { signal });
    }
  }
  return found;
}
