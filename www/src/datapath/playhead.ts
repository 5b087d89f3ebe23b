/** Where a datapath stands: first every product is added, then every block has its turn. */

/** Share of the slider that the products have, however many there are. */
const PRODUCTS_SHARE = 0.7;
/** End of the slider's scale. */
export const SLIDER_MAX = 1000;
/** So many moves show all products, whatever their number. */
const MOVES = 24;

export interface Course {
  /** Products to be added. */
  taps: number;
  /** Blocks after the accumulator. */
  blocks: number;
}

export interface Moment {
  /** Products added. */
  added: number;
  /** Blocks done. */
  done: number;
}

export const end = ({ taps, blocks }: Course): number => taps + blocks;

export const clampFrame = (frame: number, course: Course): number =>
  Math.max(0, Math.min(end(course), Math.round(frame)));

export function momentOf(frame: number, course: Course): Moment {
  const at = clampFrame(frame, course);
  return { added: Math.min(at, course.taps), done: Math.max(0, at - course.taps) };
}

/** Place on the slider: the blocks keep their share even after thousands of products. */
export function toSlider(frame: number, { taps, blocks }: Course): number {
  const split = SLIDER_MAX * PRODUCTS_SHARE;
  if (frame <= taps) return taps === 0 ? split : (frame / taps) * split;
  return split + ((frame - taps) / blocks) * (SLIDER_MAX - split);
}

export function fromSlider(place: number, course: Course): number {
  const { taps, blocks } = course;
  const split = SLIDER_MAX * PRODUCTS_SHARE;
  const frame = place <= split ? (place / split) * taps : taps + ((place - split) / (SLIDER_MAX - split)) * blocks;
  return clampFrame(frame, course);
}

/** Where playing goes next: over products in leaps where there are many, over blocks one by one. */
export function nextOnPlay(frame: number, course: Course): number {
  const { taps } = course;
  if (frame >= taps) return clampFrame(frame + 1, course);
  return Math.min(taps, frame + Math.max(1, Math.ceil(taps / MOVES)));
}
