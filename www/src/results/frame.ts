/** What every picture of a result has in common: the picture below it, its place, and where the pointer is. */

import { css } from "lit";

/** The picture that results are drawn over: as the network sees it, though perhaps sharper and in its own proportions. */
export interface Base {
  address: string;
  /** Width over height. */
  proportions: number;
  /** So small that its pixels are to be seen. */
  coarse: boolean;
}

/** Where a pointer is in an element, 0..1 from the top left. */
export function within(event: MouseEvent): { x: number; y: number } {
  const box = (event.currentTarget as Element).getBoundingClientRect();
  return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
}

/** The next of `count` things by arrow key, one after the other and round; null for any other key. */
export function stepped(key: string, current: number | null, count: number): number | null {
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : key === "ArrowLeft" || key === "ArrowUp" ? -1 : 0;
  if (step === 0 || count === 0) return null;
  return current === null ? (step > 0 ? 0 : count - 1) : (current + step + count) % count;
}

/** `--tallest` is the height that a frame may take, `--place` its margins left and right; what is around it sets them. */
export const frame = css`
  /* Words for screen readers stay within what scrolls. */
  :host {
    position: relative;
  }

  .frame {
    position: relative;
    width: min(100%, calc(var(--tallest, 232px) * var(--proportions)));
    aspect-ratio: var(--proportions);
    margin-inline: var(--place, 0);
    border-radius: 4px;
    background: var(--hair);
  }

  .frame > img,
  .frame > canvas,
  .frame > svg {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    border-radius: inherit;
  }

  .coarse {
    image-rendering: pixelated;
  }

  .tag {
    position: absolute;
    z-index: 2;
    max-width: 100%;
    padding: 0 4px;
    border-radius: 3px;
    background: var(--ink);
    color: var(--paper);
    font-size: 0.75rem;
    line-height: 1.4;
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    pointer-events: none;
  }
`;
