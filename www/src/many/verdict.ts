/** Right or wrong by mark and shape: how it is drawn in the grid and its key. */

import { css, html } from "lit";
import { mark } from "../components/marks";
import type { Scheme } from "../engine/types";
import type { Answer } from "./outcomes";

/** A scheme's mark: plain where it is right, in a box of its hue where it is wrong, a point while it is not known. */
export function verdict(scheme: Scheme, answer: Pick<Answer, "right"> | undefined) {
  if (!answer) return html`<span class="verdict open">·</span>`;
  return html`<span class="verdict ${scheme} ${answer.right === false ? "wrong" : ""}">${mark(scheme)}</span>`;
}

export const verdictStyle = css`
  .marks {
    display: flex;
    align-items: center;
    gap: 2px;
  }
  .verdict {
    display: inline-grid;
    place-items: center;
    width: 16px;
    height: 18px;
    border-radius: 3px;
    font-size: 0.6875rem;
    vertical-align: middle;
  }
  .verdict.wrong {
    background: currentColor;
  }
  .verdict.wrong svg.mark {
    color: var(--paper);
  }
  .verdict.open {
    color: var(--soft);
  }
`;
