import { expect, it } from "vitest";
import { HEIGHT, MARGIN, plotLines, spreadLabels } from "./line-plot";

it("places the ends of both axes at the ends of the plot", () => {
  const { x, y } = plotLines([2, 3, 4], 300);
  expect([x(2), x(3), x(4)]).toEqual([MARGIN.left, (MARGIN.left + 300 - MARGIN.right) / 2, 300 - MARGIN.right]);
  expect([y(1), y(0)]).toEqual([MARGIN.top, HEIGHT - MARGIN.bottom]);
});

it("keeps labels apart, in order and inside", () => {
  for (const heights of [[10, 10, 10, 10], [100, 12, 14, 13], [190, 191, 189, 20], []]) {
    const placed = spreadLabels(heights);
    const order = placed.map((_, i) => i).sort((a, b) => (placed[a] ?? 0) - (placed[b] ?? 0));
    for (const [at, i] of order.entries()) {
      const next = order[at + 1];
      expect(placed[i]).toBeLessThanOrEqual(HEIGHT - MARGIN.bottom);
      if (next === undefined) continue;
      expect((placed[next] ?? 0) - (placed[i] ?? 0)).toBeGreaterThanOrEqual(16);
      expect(heights[i]).toBeLessThanOrEqual(heights[next] ?? 0);
    }
  }
  expect(spreadLabels([20, 100])).toEqual([20, 100]);
});
