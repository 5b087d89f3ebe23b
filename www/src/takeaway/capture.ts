/**
 * A part of the page as one SVG that stands by itself: drawings with their computed styles, canvases and pictures as
 * images, text where the browser put it. So a chart that is laid out in HTML is taken away as it is seen.
 */

const XMLNS = "http://www.w3.org/2000/svg";

/** What decides how a shape looks. Everything else in a style sheet is layout, which has happened by then. */
const LOOKS = [
  "fill",
  "fill-opacity",
  "fill-rule",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-linecap",
  "stroke-linejoin",
  "stroke-dasharray",
  "vector-effect",
  "opacity",
  "visibility",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "font-variant-numeric",
  "text-anchor",
  "dominant-baseline",
] as const;

/** Controls are no part of a picture, but for buttons within tables: those are names that can be pressed. */
const LEFT_OUT =
  "button:not(table *), select, input, textarea, dialog, details, label:has(select, input), sw-take, .unseen";

/** Share of a line's height that is above its baseline, in the usual fonts. */
const ASCENT = 0.79;
/** Around the picture. */
const MARGIN = 16;

export interface Capture {
  svg: string;
  width: number;
  height: number;
}

/** Programs other than browsers do not know the notation of mixed colours. */
export function plainColour(value: string): string {
  return value.replace(/color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)/g, (_, r, g, b, alpha) => {
    const parts = [r, g, b].map((part) => Math.round(Number(part) * 255));
    return alpha === undefined ? `rgb(${parts.join(", ")})` : `rgba(${parts.join(", ")}, ${Number(alpha)})`;
  });
}

class Drawing {
  readonly #svg = document.createElementNS(XMLNS, "svg");
  readonly #box: DOMRect;

  constructor(box: DOMRect, paper: string) {
    this.#box = box;
    const [width, height] = [Math.ceil(box.width) + 2 * MARGIN, Math.ceil(box.height) + 2 * MARGIN];
    const size = { width: String(width), height: String(height) };
    set(this.#svg, { xmlns: XMLNS, ...size, viewBox: `0 0 ${width} ${height}` });
    this.#add("rect", { ...size, fill: paper });
  }

  get result(): Capture {
    const [width, height] = ["width", "height"].map((name) => Number(this.#svg.getAttribute(name)));
    return { svg: new XMLSerializer().serializeToString(this.#svg), width: width ?? 0, height: height ?? 0 };
  }

  walk(element: Element): void {
    if (element.matches(LEFT_OUT) || !element.checkVisibility({ visibilityProperty: true })) return;
    if (element instanceof SVGSVGElement) return this.#drawing(element);
    if (element instanceof HTMLCanvasElement) return this.#image(element, element);
    if (element instanceof HTMLImageElement) return this.#image(element, asCanvas(element));
    this.#background(element);
    for (const node of (element.shadowRoot ?? element).childNodes) {
      if (node instanceof Element) this.walk(node);
      else if (node instanceof Text) this.#text(node);
    }
  }

  #add(name: string, attributes: Record<string, string>): Element {
    const made = document.createElementNS(XMLNS, name);
    set(made, attributes);
    this.#svg.append(made);
    return made;
  }

  #place({ left, top, width, height }: DOMRect): Record<"x" | "y" | "width" | "height", string> {
    return {
      x: (left - this.#box.left + MARGIN).toFixed(1),
      y: (top - this.#box.top + MARGIN).toFixed(1),
      width: width.toFixed(1),
      height: height.toFixed(1),
    };
  }

  #drawing(source: SVGSVGElement): void {
    const copy = source.cloneNode(true) as SVGSVGElement;
    const originals = [source, ...source.querySelectorAll("*")];
    const copies = [copy, ...copy.querySelectorAll("*")];
    for (const [i, original] of originals.entries()) {
      const style = getComputedStyle(original);
      const looks = LOOKS.map((name) => `${name}:${plainColour(style.getPropertyValue(name))}`);
      copies[i]?.setAttribute("style", looks.join(";"));
      for (const name of ["class", "role", "aria-hidden", "aria-label"]) copies[i]?.removeAttribute(name);
    }
    set(copy, this.#place(source.getBoundingClientRect()));
    copy.style.setProperty("overflow", getComputedStyle(source).overflow);
    this.#svg.append(copy);
  }

  #image(shown: Element, pixels: HTMLCanvasElement): void {
    const box = shown.getBoundingClientRect();
    if (box.width === 0 || pixels.width === 0) return;
    const { imageRendering, objectFit } = getComputedStyle(shown);
    this.#add("image", {
      ...this.#place(box),
      href: pixels.toDataURL(),
      preserveAspectRatio: objectFit === "contain" ? "xMidYMid meet" : "none",
      style: `image-rendering:${imageRendering}`,
    });
  }

  #background(element: Element): void {
    const { backgroundColor } = getComputedStyle(element);
    if (backgroundColor === "rgba(0, 0, 0, 0)" || backgroundColor === "transparent") return;
    this.#add("rect", { ...this.#place(element.getBoundingClientRect()), fill: plainColour(backgroundColor) });
  }

  /** A text node is one element a line. */
  #text(node: Text): void {
    if (!node.parentElement || !node.data.trim()) return;
    const style = getComputedStyle(node.parentElement);
    for (const { words, box } of lines(node)) {
      const line = this.#add("text", {
        x: (box.left - this.#box.left + MARGIN).toFixed(1),
        y: (box.top - this.#box.top + MARGIN + box.height * ASCENT).toFixed(1),
        style: [
          `fill:${plainColour(style.color)}`,
          ...["font-family", "font-size", "font-weight", "font-variant-numeric"].map(
            (name) => `${name}:${style.getPropertyValue(name)}`,
          ),
        ].join(";"),
      });
      line.textContent = words;
    }
  }
}

function set(element: Element, attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
}

function asCanvas(image: HTMLImageElement): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  return canvas;
}

/** The lines into which the browser broke a text. */
function lines(node: Text): { words: string; box: DOMRect }[] {
  const found: { words: string; box: DOMRect }[] = [];
  const range = document.createRange();
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const box = range.getBoundingClientRect();
    const last = found.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 2) last.words += ` ${word}`;
    else found.push({ words: word, box });
  }
  return found;
}

export function capture(region: Element): Capture {
  const paper = plainColour(getComputedStyle(document.documentElement).backgroundColor);
  const drawing = new Drawing(region.getBoundingClientRect(), paper);
  drawing.walk(region);
  return drawing.result;
}

/** The same in pixels, two for each of the page's. */
export async function toPng({ svg, width, height }: Capture): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be drawn")))),
  );
}
