/** Gathers the report from store and page and gives it to the person. */

import { download, slug } from "../files";
import { toAddress } from "../pictures";
import { store } from "../state";
import { capture } from "./capture";
import { toDocument, type Figure } from "./document";
import { report } from "./report";
import { Take } from "./sw-take";

/** Every element of the page, those in shadow trees included, in the order of the page. */
function* elements(root: ParentNode): Generator<Element> {
  for (const child of root.children) {
    yield child;
    yield* elements(child.shadowRoot ?? child);
  }
}

function find(name: string): Element | undefined {
  for (const element of elements(document.body)) if (element.localName === name) return element;
  return undefined;
}

/** The charts that are drawn, each once. */
function figures(): Figure[] {
  const drawn = new Map<string, Element>();
  for (const element of elements(document.body)) {
    if (!(element instanceof Take)) continue;
    const { picture, heading } = element;
    if (picture?.checkVisibility() && picture.clientHeight > 0 && !drawn.has(heading)) {
      drawn.set(heading, picture);
    }
  }
  return [...drawn].map(([heading, picture]) => ({ heading, svg: capture(picture).svg }));
}

/** The headline as it is read, and why. */
function verdict(): string {
  const root = find("sw-verdict")?.shadowRoot;
  return (root?.querySelector("h1")?.textContent ?? "").replace(/\s+/g, " ").trim();
}

export function saveReport(format: "html" | "json", link: string | null): void {
  const found = report(store.value, verdict(), link);
  if (!found) return;
  const { preview } = store.value;
  const content =
    format === "json"
      ? `${JSON.stringify(found, null, 2)}\n`
      : toDocument(found, figures(), preview ? toAddress(preview) : null);
  download(new TextEncoder().encode(content), `${slug(found.model.title) || "model"}-report.${format}`);
}
