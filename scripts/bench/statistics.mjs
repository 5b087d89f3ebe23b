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

/** The largest difference between two outputs, as a share of the largest value of the second. */
export function difference(output, expected) {
  const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (output.length !== expected.length) return Infinity;
  return largest(output.map((value, i) => value - expected[i])) / largest(expected);
}
