/** Geometry of a sheet of kernels: one small kh x kw picture per input channel, from left to right, row by row. */

export interface Sheet {
  kh: number;
  kw: number;
  inputs: number;
  /** Kernels side by side, rows of kernels, pixels of a cell and between kernels. */
  columns: number;
  rows: number;
  cell: number;
  gap: number;
  width: number;
  height: number;
}

const LARGEST_CELL = 48;
const SMALLEST_CELL = 2;

/** The largest cells with which all kernels fit; where none do, the smallest, however high the sheet gets. */
export function layOut([kh, kw, inputs]: readonly [number, number, number], width: number, height: number): Sheet {
  const fitted = (cell: number): Sheet => {
    // 1x1 kernels form one continuous strip.
    const gap = kh * kw === 1 ? 0 : Math.max(2, Math.round(cell / 3));
    const columns = Math.max(1, Math.min(inputs, Math.floor((width + gap) / (kw * cell + gap))));
    const rows = Math.ceil(inputs / columns);
    return {
      kh,
      kw,
      inputs,
      columns,
      rows,
      cell,
      gap,
      width: columns * (kw * cell + gap) - gap,
      height: rows * (kh * cell + gap) - gap,
    };
  };
  for (let cell = LARGEST_CELL; cell > SMALLEST_CELL; cell--) {
    const sheet = fitted(cell);
    if (sheet.height <= height && sheet.width <= width) return sheet;
  }
  return fitted(SMALLEST_CELL);
}

/** One weight of a channel: its place in the kernel, and the input channel. */
export interface Tap {
  row: number;
  column: number;
  input: number;
}

/** Index in the engine's order `[kh, kw, i]`. */
export function indexOf({ kw, inputs }: Pick<Sheet, "kw" | "inputs">, { row, column, input }: Tap): number {
  return (row * kw + column) * inputs + input;
}

/** Upper left corner of a tap's cell. */
export function cornerOf({ kh, kw, columns, cell, gap }: Sheet, { row, column, input }: Tap): [number, number] {
  const x = (input % columns) * (kw * cell + gap) + column * cell;
  const y = Math.floor(input / columns) * (kh * cell + gap) + row * cell;
  return [x, y];
}

/** The tap whose cell a point is in. */
export function tapAt({ kh, kw, inputs, columns, rows, cell, gap }: Sheet, x: number, y: number): Tap | null {
  const along = (at: number, cells: number, kernels: number): [number, number] | null => {
    const kernel = Math.floor(at / (cells * cell + gap));
    const inside = Math.floor((at - kernel * (cells * cell + gap)) / cell);
    return kernel < 0 || kernel >= kernels || inside >= cells ? null : [kernel, inside];
  };
  const [across, down] = [along(x, kw, columns), along(y, kh, rows)];
  if (!across || !down) return null;
  const input = down[0] * columns + across[0];
  return input < inputs ? { row: down[1], column: across[1], input } : null;
}

/** The tap one cell further in a direction, kernels being neighbours of each other; the same at an edge. */
export function step(sheet: Sheet, tap: Tap, right: number, down: number): Tap {
  const { kh, kw, columns, inputs } = sheet;
  const x = (tap.input % columns) * kw + tap.column + right;
  const y = Math.floor(tap.input / columns) * kh + tap.row + down;
  if (x < 0 || y < 0 || x >= columns * kw) return tap;
  const input = Math.floor(y / kh) * columns + Math.floor(x / kw);
  return input < inputs ? { row: y % kh, column: x % kw, input } : tap;
}
