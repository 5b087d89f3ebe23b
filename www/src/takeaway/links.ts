/** The page's address in the forms that people paste elsewhere. */

export interface Links {
  link: string;
  markdown: string;
  iframe: string;
}

const IN_HTML: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export function escapeHtml(plain: string): string {
  return plain.replace(/[&<>"]/g, (character) => IN_HTML[character] ?? character);
}

/** Titles come from models: what has a meaning in Markdown loses it. */
function escapeMarkdown(plain: string): string {
  return plain.replace(/\s+/g, " ").replace(/[\\[\]`*_<>]/g, "\\$&");
}

export function links(address: string, title: string): Links {
  // Parentheses would end a Markdown link early; in an address they can be written otherwise.
  const target = address.replaceAll("(", "%28").replaceAll(")", "%29");
  return {
    link: address,
    markdown: `[${escapeMarkdown(title)}](${target})`,
    iframe: `<iframe src="${escapeHtml(address)}" title="${escapeHtml(title)}" width="960" height="720" loading="lazy"></iframe>`,
  };
}
