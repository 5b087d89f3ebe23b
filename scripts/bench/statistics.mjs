// What is said of samples: order statistics only, because a machine that does other things too makes long tails.

/** The p-quantile, p from 0 to 1, between two samples by linear interpolation. */
export function quantile(samples, p) {
  if (samples.length === 0) throw new RangeError("no samples");
  const sorted = [...samples].sort((a, b) => a - b);
  const at = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const summary = (samples) => ({
  median: quantile(samples, 0.5),
  p10: quantile(samples, 0.1),
  p90: quantile(samples, 0.9),
});

/** Of the ratios of samples taken in the same round: what slows a whole round does not count. */
export const pairedRatio = (samples, reference) => summary(samples.map((sample, round) => sample / reference[round]));

/** Correlation of two outputs: 1 when they differ by scale and offset alone. */
export function correlation(left, right) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanLeft, meanRight] = [mean(left), mean(right)];
  let [product, squaresLeft, squaresRight] = [0, 0, 0];
  left.forEach((value, i) => {
    const [a, b] = [value - meanLeft, right[i] - meanRight];
    product += a * b;
    squaresLeft += a * a;
    squaresRight += b * b;
  });
  return product / Math.sqrt(squaresLeft * squaresRight);
}
