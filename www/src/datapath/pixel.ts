/** Which number of a layer's output is followed. */

/** Rows and columns of a layer's output. */
export interface Grid {
  rows: number;
  columns: number;
}

export interface OutputPixel {
  row: number;
  column: number;
}

/** Where a pixel lies in its picture, 0..1 down and across: so it stays where it is from layer to layer. */
export type Share = readonly [down: number, across: number];

const MIDDLE: Share = [0.5, 0.5];

/** How the engine reads a stored shape: `[n, h, w, c]`, `[n, w, c]` or `[n, c]`. */
export function gridOf(shape: readonly number[]): Grid {
  const space = shape.slice(1, -1);
  return { rows: space.length > 1 ? (space[0] ?? 1) : 1, columns: space.at(-1) ?? 1 };
}

/** The pixel at a place; without one, in the middle. */
export function pixelAt(share: Share | null, { rows, columns }: Grid): OutputPixel {
  const [down, across] = share ?? MIDDLE;
  return {
    row: Math.min(rows - 1, Math.floor(down * rows)),
    column: Math.min(columns - 1, Math.floor(across * columns)),
  };
}

/** The middle of a pixel; beyond the edge is the edge. */
export function shareOf({ row, column }: OutputPixel, { rows, columns }: Grid): Share {
  const inside = (at: number, size: number) => (Math.max(0, Math.min(size - 1, Math.round(at))) + 0.5) / size;
  return [inside(row, rows), inside(column, columns)];
}

/** One weight of the selected channel. `input` counts the channels that this output channel sees. */
export interface Weight extends OutputPixel {
  input: number;
}

/** Asks for the datapath, at an output pixel or where a weight is multiplied: detail of the event `datapath-wanted`. */
export type Wanted = { pixel: OutputPixel } | { weight: Weight };

export function wantDatapath(from: EventTarget, detail: Wanted): void {
  from.dispatchEvent(new CustomEvent<Wanted>("datapath-wanted", { detail, bubbles: true, composed: true }));
}
