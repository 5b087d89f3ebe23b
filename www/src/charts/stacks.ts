/** Geometry of the ruler: where the dots lie that stand for one channel's weights. */

/** Rounds half to even, as N1 does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

export interface Stacks {
  /** Integer tick of each weight. */
  ticks: number[];
  /** Place of each weight in its tick's stack, 0 at the bottom. */
  heights: number[];
  tallest: number;
  /** Number of different ticks. */
  levels: number;
}

/** Quantizes `weights * 2^shift / scale` and stacks the dots that share a tick, in order of their real value. */
export function stack(weights: ArrayLike<number>, scale: number, shift: number, qMax: number): Stacks {
  const factor = 2 ** shift / scale;
  const ticks = Array.from(weights, (w) => Math.max(-qMax, Math.min(qMax, roundHalfEven(w * factor))));
  return stackTicks(ticks, weights);
}

/** Stacks given integers. */
export function stackTicks(ticks: number[], weights: ArrayLike<number>): Stacks {
  const order = ticks.map((_, i) => i).sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0));
  const filled = new Map<number, number>();
  const heights = new Array<number>(ticks.length).fill(0);
  let tallest = 0;
  for (const i of order) {
    const tick = ticks[i] ?? 0;
    const height = filled.get(tick) ?? 0;
    heights[i] = height;
    filled.set(tick, height + 1);
    tallest = Math.max(tallest, height + 1);
  }
  return { ticks, heights, tallest, levels: filled.size };
}

/** Vertical distance between the dots of a stack: touching where they fit, overlapping where they do not. */
export function pitch(stacks: Pick<Stacks, "tallest">, diameter: number, room: number): number {
  return stacks.tallest > 1 ? Math.min(diameter, (room - diameter) / (stacks.tallest - 1)) : 0;
}

/** A path of round dots: zero-length strokes, so that thousands of dots are one element. */
export function dots(xs: ArrayLike<number>, ys: ArrayLike<number>): string {
  let path = "";
  for (let i = 0; i < xs.length; i++) path += `M${(xs[i] ?? 0).toFixed(1)} ${(ys[i] ?? 0).toFixed(1)}h0`;
  return path;
}
