/** What the page knows of a model under the chosen settings, as plain data for people and programs. */

import { INTEGER_SCHEMES, SCHEMES, type IntegerScheme, type Scheme, type TaskResult } from "../engine/types";
import { currentLabel } from "../findings";
import type { State } from "../state";
import type { Knobs } from "../url";

export interface Report {
  /** Of this format. */
  version: 1;
  /** Where the page shows the same; null when the model is the person's own. */
  link: string | null;
  verdict: string;
  model: { title: string; task: string; parameters: number; macs: number; opset: number };
  settings: Knobs;
  /** How many pictures the ranges come from; null where there are none. */
  calibration: number | null;
  /** Of the picture that was looked at; null when there is none. */
  picture: { name: string; label: string | null } | null;
  schemes: Partial<Record<Scheme, SchemeSummary>>;
  layers: LayerSummary[];
}

export interface SchemeSummary {
  /** The answer about the picture; masks and images by what is in them, not by their pixels. */
  result:
    Exclude<TaskResult, { kind: "mask" | "image" }> | { kind: "mask" | "image"; width: number; height: number } | null;
  /** FNV-1a of the output's integers. */
  hash: string | null;
  /** Of the test pictures so far: how many, and how many of those with a label were right. */
  counted: { pictures: number; labelled: number; right: number; agreement: number | null } | null;
  /** Bytes of what the scheme adds to the weights. */
  addedBytes: number | null;
}

export interface LayerSummary {
  node: number;
  operator: string;
  name: string;
  shape: number[];
  /** Output channels; null for a node without weights. */
  channels: number | null;
  /** SQNR in dB on the picture; null is exact, or not known. */
  sqnrDb: Partial<Record<IntegerScheme, number | null>>;
  /** Channels that a scheme leaves five levels or fewer. */
  fewLevels: Partial<Record<IntegerScheme, number>>;
  /** How many channels have each shift, under shift-wise. */
  shifts: number[] | null;
}

function withoutPixels(result: TaskResult | undefined): SchemeSummary["result"] {
  if (!result) return null;
  if (result.kind !== "mask" && result.kind !== "image") return result;
  const { kind, width, height } = result;
  return { kind, width, height };
}

type Known = Pick<
  State,
  "model" | "knobs" | "calibration" | "pictures" | "current" | "predictions" | "scores" | "reports"
>;

/** `null` while no model is open. */
export function report(state: Known, verdict: string, link: string | null): Report | null {
  const { model, knobs, calibration, pictures, current, predictions, scores, reports } = state;
  if (!model) return null;
  const label = currentLabel(state);
  const picture = typeof current === "number" ? pictures[current] : undefined;
  const schemes: Report["schemes"] = {};
  for (const scheme of SCHEMES) {
    const [prediction, score] = [predictions[scheme], scores[scheme]];
    if (!prediction && !score) continue;
    schemes[scheme] = {
      result: withoutPixels(prediction?.result),
      hash: prediction?.hash ?? null,
      counted: score
        ? { pictures: score.done, labelled: score.labelled, right: score.right, agreement: score.agreement }
        : null,
      addedBytes: scheme === "float" ? null : (reports[scheme]?.added_bytes ?? null),
    };
  }
  const layers = model.nodes.map(({ index, label: operator, name, shape, channels }): LayerSummary => {
    const sqnrDb: LayerSummary["sqnrDb"] = {};
    const fewLevels: LayerSummary["fewLevels"] = {};
    for (const scheme of INTEGER_SCHEMES) {
      const prediction = predictions[scheme];
      if (prediction) sqnrDb[scheme] = prediction.sqnr_db[index] ?? null;
      const layer = reports[scheme]?.layers.find(({ node }) => node === index);
      if (layer) fewLevels[scheme] = layer.channels_with_few_levels;
    }
    const shifts = reports["shift-wise"]?.layers.find(({ node }) => node === index)?.shift_histogram ?? null;
    return { node: index, operator, name, shape: [...shape], channels: channels ?? null, sqnrDb, fewLevels, shifts };
  });
  return {
    version: 1,
    link,
    verdict,
    model: {
      title: model.title,
      task: model.task,
      parameters: model.parameters,
      macs: model.macs,
      opset: model.opset,
    },
    settings: { ...knobs },
    calibration: calibration?.count ?? null,
    picture: picture
      ? { name: picture.name, label: label === null ? null : (model.labels[label] ?? String(label)) }
      : null,
    schemes,
    layers,
  };
}
