/** The model that comes with the page. The bundler puts its files beside the script, under names of their content. */

import manifest from "../models/digits/digits.shiftwise.json?raw";
import model from "../models/digits/digits.onnx?url";
import type { Manifest, Sheet } from "./engine/types";
import { EngineError } from "./engine/errors";
import { fromSheet, type Picture } from "./pictures";
import { text } from "./strings";

const sheets = import.meta.glob<string>("../models/digits/*.png", { query: "?url", import: "default", eager: true });

export interface Bundled {
  model: Uint8Array;
  manifest: string;
  samples: Picture[];
  calibration: Picture[];
}

export async function loadBundled(signal: AbortSignal): Promise<Bundled> {
  const load = async (address: string | undefined, name: string): Promise<Blob> => {
    const answer = address === undefined ? null : await fetch(address, { signal }).catch(() => null);
    signal.throwIfAborted();
    if (!answer?.ok) throw EngineError.of("io", text.missingFile(name), text.missingFileHint);
    return answer.blob();
  };
  const tiles = async (sheet: Sheet | undefined) =>
    sheet ? fromSheet(await load(sheets[`../models/digits/${sheet.sheet}`], sheet.sheet), sheet) : [];
  const { samples, calibration } = JSON.parse(manifest) as Manifest;
  const [bytes, test, calibrating] = await Promise.all([
    load(model, "digits.onnx").then((blob) => blob.arrayBuffer()),
    tiles(samples),
    tiles(calibration),
  ]);
  return { model: new Uint8Array(bytes), manifest, samples: test, calibration: calibrating };
}
