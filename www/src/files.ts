/** Files that come in, sorted by what they are meant to be, and files that go out. */

import type { Format, Scheme } from "./engine/types";

export interface Sorted {
  model: File | null;
  manifest: File | null;
  labels: File | null;
  /** Which class is on which picture. */
  truth: File | null;
  pictures: File[];
  unknown: File[];
}

export function sortFiles(files: readonly File[]): Sorted {
  const sorted: Sorted = { model: null, manifest: null, labels: null, truth: null, pictures: [], unknown: [] };
  for (const file of files) {
    const name = file.name.toLowerCase();
    if (name.endsWith(".onnx")) sorted.model ??= file;
    else if (name.endsWith(".shiftwise.json")) sorted.manifest ??= file;
    else if (name.endsWith(".txt") || name.endsWith(".json")) sorted.labels ??= file;
    else if (name.endsWith(".csv")) sorted.truth ??= file;
    else if (file.type.startsWith("image/")) sorted.pictures.push(file);
    else sorted.unknown.push(file);
  }
  return sorted;
}

const EXTENSIONS = { onnx: "onnx", tflite: "tflite", json: "integer-graph.json" } as const satisfies Record<
  Format,
  string
>;

/** Words as a part of a name that every file system takes. */
export function slug(words: string): string {
  return words
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 80);
}

/** A name for an exported model. */
export function fileName(title: string, scheme: Scheme, format: Format): string {
  return `${slug(title) || "model"}-${scheme}.${EXTENSIONS[format]}`;
}

/** Gives the person a file to keep. */
export function download(bytes: Uint8Array, name: string): void {
  const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(address));
}
