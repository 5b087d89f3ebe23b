/** The graph passes' notes as sentences. */

import type { PassNote } from "./engine/types";

export function passSentence(note: PassNote): string {
  return note.pass;
}
