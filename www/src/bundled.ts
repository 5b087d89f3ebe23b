/** The model that comes with the page. The bundler puts its files beside the script, under names of their content. */

import manifest from "../models/digits/digits.shiftwise.json?raw";
import model from "../models/digits/digits.onnx?url";
import type { Manifest, Sheet } from "./engine/types";
import { EngineError } from "./engine/errors";
import { fromSheet, type Picture } from "./pictures";
import { text } from "./strings";

const sheets = import.meta.glob<string>("../models/digits/*.png", { query: "?url", import: "default", eager: true });

/** A model as it lies somewhere, with the pictures that its manifest names. */
export interface Loaded {
  model: Uint8Array;
  manifest: string | undefined;
  samples: Picture[];
  calibration: Picture[];
}

/** The pictures of a manifest's sheet; none where it names none. */
export async function readSheet(sheet: Sheet | undefined, load: (name: string) => Promise<Blob>): Promise<Picture[]> {
  return sheet ? fromSheet(await load(sheet.sheet), sheet) : [];
}

export async function loadBundled(signal: AbortSignal): Promise<Loaded> {
  const load = async (address: string | undefined, name: string): Promise<Blob> => {
    const answer = address === undefined ? null : await fetch(address, { signal }).catch(() => null);
    signal.throwIfAborted();
    if (!answer?.ok) throw EngineError.of("io", text.missingFile(name), text.missingFileHint);
    return answer.blob();
  };
  const sheet = (name: string) => load(sheets[`../models/digits/${name}`], name);
  const { samples, calibration } = JSON.parse(manifest) as Manifest;
  const [bytes, test, calibrating] = await Promise.all([
    load(model, "digits.onnx").then((blob) => blob.arrayBuffer()),
    readSheet(samples, sheet),
    readSheet(calibration, sheet),
  ]);
  return { model: new Uint8Array(bytes), manifest, samples: test, calibration: calibrating };
}
