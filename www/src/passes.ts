/** The graph passes' notes, one group per pass, in the order in which the passes ran. */

import type { PassNote } from "./engine/types";

export interface PassGroup {
  pass: string;
  texts: string[];
}

export function groupPasses(notes: readonly PassNote[]): PassGroup[] {
  const groups = new Map<string, string[]>();
  for (const { pass, text } of notes) {
    const texts = groups.get(pass);
    if (texts) texts.push(text);
    else groups.set(pass, [text]);
  }
  return Array.from(groups, ([pass, texts]) => ({ pass, texts }));
}
