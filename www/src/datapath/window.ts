/** What the line buffer shows: one channel's window, or, where the window is one pixel, that pixel's channels. */

import type { Tap } from "../engine/types";

/** More channels than this are shown in parts. */
const MOST_CHANNELS = 144;

export interface BufferWindow {
  cells: readonly Tap[];
  columns: number;
  /** Input channels among the cells. */
  channels: number;
}

/** Taps come in the order kernel rows, kernel columns, input channels (N5). */
export function windowOf(taps: readonly Tap[], current: number): BufferWindow {
  const last = taps.at(-1)?.kernel ?? [0, 0];
  const places = (last[0] + 1) * (last[1] + 1);
  const channels = Math.max(1, Math.round(taps.length / places));
  if (places > 1) {
    const offset = current % channels;
    return { cells: taps.filter((_, i) => i % channels === offset), columns: last[1] + 1, channels: 1 };
  }
  const from = Math.floor(current / MOST_CHANNELS) * MOST_CHANNELS;
  const cells = taps.slice(from, from + MOST_CHANNELS);
  return { cells, columns: Math.ceil(Math.sqrt(cells.length)), channels: cells.length };
}
