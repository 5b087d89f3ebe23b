/** A term that explains itself: pressed, it says what it means in one sentence, and which lesson shows it. */

import { css, html, nothing, type TemplateResult } from "lit";
import { course } from "../context";
import type { Scheme } from "../engine/types";
import { text } from "../strings";
import type { Bits, Knobs } from "../url";
import type { LessonId } from "./spots";

export type Term = Scheme | keyof Bits | keyof Pick<Knobs, "profile" | "ranges" | "bias">;

const LESSON_OF: Partial<Record<Term, LessonId>> = {
  "layer-wise": "ruler",
  "shift-wise": "ruler",
  shiftBits: "bits",
  weightBits: "weights",
  bias: "weights",
};

const WIDTH = 304;
const GAP = 8;

/** Beneath its button, or above where there is no room beneath. */
function place(event: Event): void {
  const hint = event.currentTarget as HTMLElement;
  const from = hint.previousElementSibling?.getBoundingClientRect();
  if (!from) return;
  const { clientWidth, clientHeight } = document.documentElement;
  const width = Math.min(WIDTH, clientWidth - 2 * GAP);
  hint.style.width = `${width}px`;
  hint.style.left = `${Math.max(GAP, Math.min(from.left, clientWidth - width - GAP))}px`;
  const beneath = from.bottom + GAP;
  hint.style.top = `${beneath + hint.offsetHeight > clientHeight ? Math.max(GAP, from.top - GAP - hint.offsetHeight) : beneath}px`;
}

/** `name` is the button's words; it has the id `TERM-name`, to label what stands beside it. */
export function term(name: string, of: Term): TemplateResult {
  const id = LESSON_OF[of];
  const words = text.lessons;
  return html`<button type="button" class="term" id="${of}-name" popovertarget="${of}-hint">${name}</button>
    <div popover class="hint-of-term" id="${of}-hint" @toggle=${place}>
      <p>${words.terms[of]}</p>
      ${id ? html`<button class="plain small" @click=${() => void course.start(id)}>${words.more(words.courses[id].name)}</button>` : nothing}
    </div>`;
}

export const termStyle = css`
  button.term {
    min-height: 24px;
    padding: 0;
    border: 0;
    border-radius: 2px;
    background: none;
    font: inherit;
    color: inherit;
    text-decoration: underline dotted;
    text-decoration-color: var(--line);
    text-decoration-thickness: 2px;
    text-underline-offset: 4px;
    cursor: help;
  }
  button.term:hover {
    text-decoration-color: currentcolor;
  }
  .hint-of-term {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 12px 16px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--raised);
    color: var(--ink);
    box-shadow: 0 8px 32px rgb(0 0 0 / 0.16);
    font: var(--text) / 1.4 var(--sans);
    white-space: normal;
  }
  .hint-of-term button {
    margin-top: 4px;
  }
`;
