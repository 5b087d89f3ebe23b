/** Reads many picture files: one that cannot be read does not keep out the others. */

import { messageOf } from "../engine/errors";
import type { CallOptions } from "../engine/types";
import { fromFile, type Picture } from "../pictures";
import type { Notice } from "../state";
import { text } from "../strings";
import { pathOf } from "./dropped";
import { truthOf, type Classes } from "./truth";

export interface Decoded {
  files: readonly File[];
  /** Those that could be read, in the files' order. */
  pictures: Picture[];
  /** Of each file; null for one that could not be read. */
  ofFiles: (Picture | null)[];
  notice: Notice | null;
}

/** Rejects when none can be read. */
export async function decodeAll(files: readonly File[], { signal, onProgress }: CallOptions): Promise<Decoded> {
  const ofFiles: (Picture | null)[] = [];
  const failures: unknown[] = [];
  for (const [done, file] of files.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ done, total: files.length, what: text.many.reading });
    const picture = await fromFile(file, file.name).catch((thrown: unknown) => {
      failures.push(thrown);
      return null;
    });
    ofFiles.push(picture);
  }
  const pictures = ofFiles.filter((picture) => picture !== null);
  const [first, ...others] = failures;
  if (failures.length > 0 && pictures.length === 0) throw first;
  const notice: Notice | null =
    failures.length > 0 ? { tone: "error", text: text.many.unreadable(messageOf(first), others.length) } : null;
  return { files, pictures, ofFiles, notice };
}

/** Gives pictures the classes that a `labels.csv` or their folders tell. */
export async function label({ files, ofFiles }: Decoded, truth: File | null, classes: Classes): Promise<void> {
  const csv = truth ? { path: pathOf(truth), text: await truth.text() } : null;
  const labels = truthOf(files.map(pathOf), csv, classes);
  for (const [i, picture] of ofFiles.entries()) if (picture) picture.label = labels[i] ?? null;
}
