/** The mark of each scheme and the page's icons. All are decoration: words stand beside them. */

import { html, svg, type TemplateResult } from "lit";
import type { Scheme } from "../engine/types";

const shapes: Record<Scheme, TemplateResult> = {
  float: svg`<circle cx="8" cy="8" r="5" fill="currentColor" />`,
  "layer-wise": svg`<path d="M3 3 13 13M13 3 3 13" stroke="currentColor" stroke-width="2.6" fill="none" />`,
  "shift-wise": svg`<path d="M8 2 14.5 13.5H1.5Z" fill="currentColor" />`,
  "channel-wise": svg`<rect x="3" y="3" width="10" height="10" fill="currentColor" />`,
};

export function mark(scheme: Scheme): TemplateResult {
  return html`<svg class="mark ${scheme}" viewBox="0 0 16 16" aria-hidden="true">${shapes[scheme]}</svg>`;
}

const icons = {
  yes: svg`<circle cx="8" cy="8" r="7" /><path d="m4.8 8.2 2.2 2.3 4.2-4.8" />`,
  no: svg`<circle cx="8" cy="8" r="7" /><path d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2" />`,
  task: svg`<circle cx="8" cy="8" r="7" />`,
  warning: svg`<path d="M8 1.6 15 14H1Z" /><path d="M8 6v4m0 1.6v.6" />`,
  info: svg`<circle cx="8" cy="8" r="7" /><path d="M8 7.2v4.2M8 4.4v.7" />`,
  down: svg`<path d="m4 6 4 4 4-4" />`,
  next: svg`<path d="m6 4 4 4-4 4" />`,
  close: svg`<path d="m4 4 8 8m0-8-8 8" />`,
  save: svg`<path d="M8 2v8m-3.5-3.5L8 10l3.5-3.5M2.5 11v2.5h11V11" />`,
  share: svg`<path d="M8 10V1.8M4.8 5 8 1.8 11.2 5M4.5 7.5h-2v6.7h11V7.5h-2" />`,
  all: svg`<path d="M2 3v10m12-10v10M4.5 8h7m-5-2.2L4.2 8l2.3 2.2m3-4.4L11.8 8l-2.3 2.2" />`,
  lesson: svg`<path d="M8 3.5C6 2 3.5 2 1.5 2.5v10.5c2-.5 4.5-.5 6.5 1 2-1.5 4.5-1.5 6.5-1V2.5C12.5 2 10 2 8 3.5Zm0 0v10.5" />`,
  image: svg`<rect x="1.5" y="2.5" width="13" height="11" /><path d="m2 12 4-4 3 3 2-2 3.5 3.5" />`,
} as const;

export function icon(name: keyof typeof icons): TemplateResult {
  return html`<svg
    class="icon"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${icons[name]}
  </svg>`;
}
