/** The page's address in the forms that people paste elsewhere. */

import { FIGURE_KEYS } from "../embed/address";

export interface Links {
  link: string;
  markdown: string;
  /** The figure in another page: as a frame, and as an element that can be changed from there. */
  iframe: string;
  element: string;
}

const IN_HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"]/g, (character) => IN_HTML[character] ?? character);
}

/** Titles come from models: what has a meaning in Markdown loses it. */
function escapeMarkdown(plain: string): string {
  return plain.replace(/\s+/g, " ").replace(/[\\[\]`*_<>]/g, "\\$&");
}

/** `address` is the page's, `title` what it shows. */
export function links(address: string, title: string): Links {
  // Parentheses would end a Markdown link early; in an address they can be written otherwise.
  const target = address.replaceAll("(", "%28").replaceAll(")", "%29");
  const [page = "", hash = ""] = address.split("#");
  const script = new URL("shift-wise.js", page).href;
  const given = [...new URLSearchParams(hash)]
    .filter(([name]) => FIGURE_KEYS.some((key) => key === name))
    .map(([name, value]) => ` ${name}="${escapeHtml(value)}"`);
  const name = ` title="${escapeHtml(title)}"`;
  return {
    link: address,
    markdown: `[${escapeMarkdown(title)}](${target})`,
    iframe: `<iframe src="${escapeHtml(`${address}&embed`)}"${name} width="480" height="320" loading="lazy"></iframe>`,
    element: `<script type="module" src="${escapeHtml(script)}"></script>\n<shift-wise${name}${given.join("")}></shift-wise>`,
  };
}
