/** Geometry of a chart of shares of 1 against a few whole numbers. */

export const HEIGHT = 232;
export const MARGIN = { top: 12, right: 112, bottom: 40, left: 44 };
/** Distance of two labels' baselines, at least. */
const LABEL_HEIGHT = 16;

export interface LinePlot {
  x(bits: number): number;
  y(share: number): number;
}

export function plotLines(bits: readonly number[], width: number): LinePlot {
  const [low, high] = [bits[0] ?? 0, bits.at(-1) ?? 1];
  const across = Math.max(1, width - MARGIN.left - MARGIN.right);
  const down = HEIGHT - MARGIN.top - MARGIN.bottom;
  return {
    x: (at) => MARGIN.left + ((at - low) / Math.max(1, high - low)) * across,
    y: (share) => MARGIN.top + (1 - share) * down,
  };
}

/** Heights of labels beside heights of line ends: as near as they come without overlapping, in the same order. */
export function spreadLabels(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const placed: number[] = Array<number>(heights.length).fill(0);
  let last = -Infinity;
  for (const i of order) {
    last = Math.max(heights[i] ?? 0, last + LABEL_HEIGHT);
    placed[i] = last;
  }
  // What was pushed below the chart pushes the others up again.
  let limit = HEIGHT - MARGIN.bottom;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i] ?? 0, limit);
    limit = (placed[i] ?? 0) - LABEL_HEIGHT;
  }
  return placed;
}
