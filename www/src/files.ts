/** What a heap of dropped files is meant to be, by name and type. */

export interface Sorted {
  model: File | null;
  manifest: File | null;
  labels: File | null;
  pictures: File[];
  unknown: File[];
}

export function sortFiles(files: readonly File[]): Sorted {
  const sorted: Sorted = { model: null, manifest: null, labels: null, pictures: [], unknown: [] };
  for (const file of files) {
    const name = file.name.toLowerCase();
    if (name.endsWith(".onnx")) sorted.model ??= file;
    else if (name.endsWith(".shiftwise.json")) sorted.manifest ??= file;
    else if (name.endsWith(".txt") || name.endsWith(".json")) sorted.labels ??= file;
    else if (file.type.startsWith("image/")) sorted.pictures.push(file);
    else sorted.unknown.push(file);
  }
  return sorted;
}
