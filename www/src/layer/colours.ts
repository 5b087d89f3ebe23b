/**
 * Colours of signed values: ochre below zero, purple above, the page's own ground at zero. Neither hue is a scheme's, and
 * the two stay apart for colour-blind eyes.
 */

import { html, type TemplateResult } from "lit";
import { real } from "../format";

type Rgb = readonly [number, number, number];

/** From zero outwards. */
const STOPS: Record<"light" | "dark", Record<"below" | "above", readonly [Rgb, Rgb, Rgb]>> = {
  light: {
    below: [
      [252, 251, 247],
      [214, 172, 84],
      [92, 62, 0],
    ],
    above: [
      [252, 251, 247],
      [170, 140, 208],
      [66, 22, 110],
    ],
  },
  dark: {
    below: [
      [30, 33, 36],
      [140, 104, 24],
      [255, 214, 104],
    ],
    above: [
      [30, 33, 36],
      [120, 80, 170],
      [226, 200, 255],
    ],
  },
};

/** The colour of a value on a scale from `-most` to `most`; what lies beyond has the end's colour. */
export function colourOf(value: number, most: number, dark: boolean): Rgb {
  const part = most > 0 ? Math.max(-1, Math.min(1, value / most)) : 0;
  const [zero, middle, end] = STOPS[dark ? "dark" : "light"][part < 0 ? "below" : "above"];
  const along = Math.abs(part) * 2;
  const [from, to, t] = along < 1 ? [zero, middle, along] : [middle, end, along - 1];
  return [0, 1, 2].map((i) => Math.round((from[i] ?? 0) + ((to[i] ?? 0) - (from[i] ?? 0)) * t)) as unknown as Rgb;
}

export const cssOf = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`;

/** Ink that can be read on a colour. */
export function inkOn([r, g, b]: Rgb): string {
  return 0.299 * r + 0.587 * g + 0.114 * b > 140 ? "#17191c" : "#fffefb";
}

/** The largest magnitude of any number of lists; 1 where all is zero. */
export function largest(...lists: readonly ArrayLike<number>[]): number {
  let most = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) most = Math.max(most, Math.abs(list[i] ?? 0));
  return most || 1;
}

/** A bar of the scale with its ends and zero named. */
export function legend(name: string, most: number, dark: boolean): TemplateResult {
  const stops = [-1, -0.5, 0, 0.5, 1].map((part) => cssOf(colourOf(part, 1, dark))).join(", ");
  return html`<div class="scale small">
    <span class="soft">${name}</span>
    <span class="num">−${real(most)}</span>
    <span class="bar" style="background:linear-gradient(to right, ${stops})"></span>
    <span class="num">${real(most)}</span>
  </div>`;
}
