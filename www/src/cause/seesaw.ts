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

/** Bars closer than this many device pixels have no gaps: those would come and go with the pixels. */
const LEAST_STEP = 4;

/**
 * One path for all bars, standing on the bottom. Edges lie on device pixels, `density` to each of `width`; where there are
 * more channels than pixels, a pixel has the mean of its channels.
 */
export function bars(shares: readonly number[], sequence: readonly number[], width: number, density = 1): string {
  const pixels = Math.floor(width * density);
  const step = pixels / Math.max(1, sequence.length);
  const gap = step < LEAST_STEP ? 0 : Math.max(1, Math.floor(step * 0.3));
  const count = Math.min(sequence.length, pixels);
  const paths = Array.from({ length: count }, (_, bar) => {
    const [first, last] = [bar, bar + 1].map((at) => Math.round((at / count) * sequence.length));
    const channels = sequence.slice(first, last);
    const share = channels.reduce((sum, channel) => sum + (shares[channel] ?? 0), 0) / channels.length;
    const [left = 0, right = 0] = [bar, bar + 1].map((at) => Math.round((at / count) * pixels));
    const height = Math.max(1, Math.round(share * HEIGHT * density) / density);
    return `M${left / density} ${HEIGHT}v-${height}h${(right - left - gap) / density}v${height}z`;
  });
  return paths.join("");
}
