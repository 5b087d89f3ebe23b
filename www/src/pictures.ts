/** Pictures from files, from sheets of tiles, and from the drawing canvas: decoded to RGBA bytes for the engine. */

import { EngineError } from "./engine/errors";
import type { Pixels, PixelSource, Sheet } from "./engine/types";

export interface Picture extends PixelSource {
  id: number;
  name: string;
  /** Address of something small enough to show many of. */
  readonly thumbnail: string;
  /** Class, where known. */
  label: number | null;
}

/** As the engine's own limit: what is larger is refused before its pixels are unpacked. */
const MOST_PIXELS = 64_000_000;
/** Shorter side of a thumbnail: it also stands large beside the answers. */
const THUMBNAIL = 240;

let nextId = 0;

function context(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  if (!drawing) throw EngineError.of("bad-image", "this browser gives no drawing surface", "reload the page");
  return drawing;
}

function read(drawing: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): Pixels {
  const { data } = drawing.getImageData(x, y, width, height);
  return { rgba: new Uint8Array(data.buffer), width, height };
}

async function decode(blob: Blob, name: string): Promise<ImageBitmap> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw EngineError.of("bad-image", `'${name}' cannot be read as a picture`, "use PNG, JPEG, WebP or GIF");
  }
  if (bitmap.width * bitmap.height > MOST_PIXELS) {
    const size = `${bitmap.width} x ${bitmap.height}`;
    bitmap.close();
    throw EngineError.of("too-large", `'${name}' has ${size} pixels`, "use one of at most 64 megapixels");
  }
  return bitmap;
}

/** A picture file. It is decoded once here, to know that it can be and for the thumbnail, and again when needed. */
export async function fromFile(file: Blob, name: string): Promise<Picture> {
  const bitmap = await decode(file, name);
  const scale = Math.min(1, THUMBNAIL / Math.min(bitmap.width, bitmap.height));
  const small = context(Math.max(1, bitmap.width * scale), Math.max(1, bitmap.height * scale));
  small.drawImage(bitmap, 0, 0, small.canvas.width, small.canvas.height);
  bitmap.close();
  return {
    id: nextId++,
    name,
    thumbnail: small.canvas.toDataURL("image/webp", 0.8),
    label: null,
    pixels: async () => {
      const whole = await decode(file, name);
      const drawing = context(whole.width, whole.height);
      drawing.drawImage(whole, 0, 0);
      whole.close();
      return read(drawing, 0, 0, drawing.canvas.width, drawing.canvas.height);
    },
  };
}

/** The tiles of a sheet, in order. */
export async function fromSheet(blob: Blob, sheet: Sheet): Promise<Picture[]> {
  const bitmap = await decode(blob, sheet.sheet);
  const [width, height] = sheet.tile;
  const rows = Math.ceil(sheet.count / sheet.columns);
  if (bitmap.width < width * Math.min(sheet.count, sheet.columns) || bitmap.height < height * rows) {
    throw EngineError.of("bad-manifest", `the sheet '${sheet.sheet}' is smaller than its tiles`, "check the manifest");
  }
  const drawing = context(bitmap.width, bitmap.height);
  drawing.drawImage(bitmap, 0, 0);
  bitmap.close();
  return Array.from({ length: sheet.count }, (_, i) => {
    const pixels = read(drawing, (i % sheet.columns) * width, Math.floor(i / sheet.columns) * height, width, height);
    // Encoded when it is first shown, not for hundreds of tiles before the first result.
    let address: string | undefined;
    return {
      id: nextId++,
      name: `${sheet.sheet} ${i + 1}`,
      get thumbnail() {
        return (address ??= toAddress(pixels));
      },
      label: sheet.labels?.[i] ?? null,
      pixels: () => Promise.resolve(pixels),
    };
  });
}

/** A data address of pixels, made smaller if their longer side exceeds `most`. */
export function toAddress({ rgba, width, height }: Pixels, most = Infinity): string {
  const whole = context(width, height);
  const image = whole.createImageData(width, height);
  image.data.set(rgba);
  whole.putImageData(image, 0, 0);
  const scale = most / Math.max(width, height);
  if (scale >= 1) return whole.canvas.toDataURL();
  const small = context(Math.max(1, width * scale), Math.max(1, height * scale));
  small.drawImage(whole.canvas, 0, 0, small.canvas.width, small.canvas.height);
  return small.canvas.toDataURL("image/webp", 0.9);
}
