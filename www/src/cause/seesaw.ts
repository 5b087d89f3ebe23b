/** Geometry of the picture of two neighbouring layers: what one channel loses in the first, it needs in the second. */

export const HEIGHT = 112;
/** Doublings below the widest channel that are drawn; narrower ones reach the bottom. */
export const DOUBLINGS = 12;

/** Channels by how far they are from even: those whose weights in the first layer are narrowest last. */
export function order(doublings: readonly number[]): number[] {
  return doublings.map((_, i) => i).sort((a, b) => (doublings[a] ?? 0) - (doublings[b] ?? 0) || a - b);
}

/** Height of each channel's bar, of 1: how much of the widest channel's range it has, in doublings. */
export function heights(ranges: readonly number[]): number[] {
  const whole = ranges.reduce((most, range) => Math.max(most, range), 0);
  return ranges.map((range) => (range > 0 ? Math.max(0, 1 - Math.log2(whole / range) / DOUBLINGS) : 0));
}

/** Widest over narrowest, of those that have weights at all. */
export function unevenness(ranges: readonly number[]): number {
  const alive = ranges.filter((range) => range > 0);
  return alive.length > 0 ? Math.max(...alive) / Math.min(...alive) : 1;
}

/** One path for all bars, standing on the bottom. */
export function bars(shares: readonly number[], sequence: readonly number[], width: number): string {
  const step = width / Math.max(1, sequence.length);
  const bar = Math.max(1, step * 0.7).toFixed(2);
  const paths = sequence.map((channel, place) => {
    const height = Math.max(1, (shares[channel] ?? 0) * HEIGHT);
    return `M${(place * step).toFixed(2)} ${HEIGHT}v-${height.toFixed(2)}h${bar}v${height.toFixed(2)}z`;
  });
  return paths.join("");
}
