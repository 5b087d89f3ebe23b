/** Accuracy against shift bits and against weight bits, in the background: each setting runs many pictures. */

import type { Engine } from "../engine/client";
import { isAbort } from "../engine/errors";
import type { Pool } from "../engine/pool";
import type { Job, Run } from "../engine/pool-worker";
import {
  INTEGER_SCHEMES,
  type IntegerScheme,
  type PictureScore,
  type Progress,
  type QuantizeOptions,
  type Scheme,
} from "../engine/types";
import { Latest } from "../latest";
import type { Picture } from "../pictures";
import { total } from "../scoring";
import type { Score, State, Store } from "../state";
import { KNOB_RANGES, type Knobs } from "../url";

/** Some thirty settings run on each picture: of more pictures than this, as many are taken, evenly spread. */
export const MOST_PICTURES = 200;
const EVERY_MS = 150;

export type Axis = "shiftBits" | "weightBits";

/** A scheme at one setting. */
export interface Point {
  scheme: Scheme;
  bits: number;
  score: Score;
}

export interface Curves {
  points: Record<Axis, Point[]>;
  pictures: number;
  /** Whether the share is that of right answers; else of agreement with float. */
  labelled: boolean;
  /** What they were drawn for. */
  basis: unknown[];
  /** While they grow. */
  progress: Progress | null;
  problem: string | null;
}

interface Setting {
  axis: Axis;
  bits: number;
  run: Run;
  known: Map<number, PictureScore>;
}

export class CurvesController {
  readonly #engine: Pick<Engine, "figure">;
  readonly #pool: Pick<Pool, "score">;
  readonly #store: Store;
  readonly #slot = new Latest();

  constructor(engine: Pick<Engine, "figure">, pool: Pick<Pool, "score">, store: Store) {
    this.#engine = engine;
    this.#pool = pool;
    this.#store = store;
  }

  /** Stops; what is known so far stays. */
  cancel(): void {
    this.#slot.cancel();
    const { curves } = this.#store.value;
    if (curves) this.#store.set({ curves: { ...curves, progress: null } });
  }

  async draw(): Promise<void> {
    const state = this.#store.value;
    const settings = settingsOf(state.reports, state.knobs);
    const pictures = spread(state.pictures, MOST_PICTURES);
    const signal = this.#slot.next();
    // Two settings may be the same: a score then counts for both.
    const byRun = new Map<string, Setting[]>();
    for (const setting of settings) {
      const key = JSON.stringify(setting.run);
      byRun.set(key, [...(byRun.get(key) ?? []), setting]);
    }
    const jobs = [...byRun.values()].flatMap(([setting]): Job[] =>
      setting ? pictures.map((picture) => ({ id: picture.id, picture, runs: [setting.run] })) : [],
    );
    let done = 0;
    let shown = performance.now();
    const show = async (problem: string | null, isLast: boolean) => {
      const progress = isLast ? null : { done, total: jobs.length, what: "" };
      const points = await this.#points(settings, pictures, signal);
      signal.throwIfAborted();
      const labelled = pictures.some(({ label }) => label !== null);
      this.#store.set({
        curves: { points, pictures: pictures.length, labelled, basis: basisOf(state), progress, problem },
      });
    };
    try {
      await show(null, false);
      const failures = await this.#pool.score(jobs, {
        signal,
        background: true,
        onResult: (id, run, score) => {
          for (const { known } of byRun.get(JSON.stringify(run)) ?? []) known.set(id, score);
          done++;
          if (performance.now() - shown < EVERY_MS) return;
          shown = performance.now();
          show(null, false).catch(() => {});
        },
      });
      await show(failures[0]?.error.message ?? null, true);
    } catch (thrown) {
      if (isAbort(thrown)) return;
      const { curves } = this.#store.value;
      if (curves) this.#store.set({ curves: { ...curves, progress: null, problem: String(thrown) } });
    }
  }

  async #points(
    settings: readonly Setting[],
    pictures: readonly Picture[],
    signal: AbortSignal,
  ): Promise<Curves["points"]> {
    const points: Curves["points"] = { shiftBits: [], weightBits: [] };
    for (const { axis, bits, run, known } of settings) {
      const score = total(known, pictures);
      if (score.done === 0) continue;
      const agreement = score.tally ? await this.#engine.figure(score.tally, { signal }) : null;
      points[axis].push({ scheme: run === "float" ? run : run.scheme, bits, score: { ...score, agreement } });
    }
    return points;
  }
}

/** What a point's height is, of 1. */
export function shareOf({ labelled, right, agreement }: Score): number | null {
  return labelled > 0 ? right / labelled : agreement;
}

/** What curves depend on besides the bits that they run over. */
export function basisOf({ model, pictures, calibration, knobs }: Readonly<State>): unknown[] {
  return [model, pictures, calibration, ...Object.values(knobs)];
}

export function isCurrent(curves: Curves, state: Readonly<State>): boolean {
  return basisOf(state).every((part, i) => part === curves.basis[i]);
}

/** Shift-wise at every number of shift bits, the others for comparison; then every scheme at every weight width. */
export function settingsOf(reports: State["reports"], knobs: Knobs): Setting[] {
  const options = (scheme: IntegerScheme, change: Partial<QuantizeOptions>): Run[] => {
    const known = reports[scheme]?.options;
    return known ? [{ ...known, ...change }] : [];
  };
  const setting = (axis: Axis, bits: number, runs: readonly Run[]): Setting[] =>
    runs.map((run) => ({ axis, bits, run, known: new Map() }));
  const shifts = bitsOf("shiftBits").flatMap((bits) => [
    ...setting("shiftBits", bits, options("shift-wise", { shift_bits: bits })),
    ...setting("shiftBits", bits, ["float", ...options("layer-wise", {}), ...options("channel-wise", {})]),
  ]);
  const weights = bitsOf("weightBits").flatMap((bits) => [
    ...setting("weightBits", bits, ["float"]),
    ...INTEGER_SCHEMES.flatMap((scheme) =>
      setting("weightBits", bits, options(scheme, { weight_bits: bits, shift_bits: knobs.shiftBits })),
    ),
  ]);
  return [...shifts, ...weights];
}

export function bitsOf(axis: Axis): number[] {
  const { low, high } = KNOB_RANGES[axis];
  return Array.from({ length: high - low + 1 }, (_, i) => low + i);
}

/** `most` of the pictures, evenly spread: sets are usually sorted by class. */
function spread(pictures: readonly Picture[], most: number): Picture[] {
  const [count, of] = [Math.min(most, pictures.length), pictures.length];
  return pictures.filter((_, i) => Math.floor(((i + 1) * count) / of) > Math.floor((i * count) / of));
}
