/** Accuracy in the background: every picture through every scheme, one at a time, as far as it gets. */

import type { Engine } from "./engine/client";
import { SCHEMES, type Scheme } from "./engine/types";
import { Latest } from "./latest";
import type { Picture } from "./pictures";
import type { Score, Store } from "./state";
import { text } from "./strings";

/** At most this often does a running tally reach the page. */
const EVERY_MS = 80;

export class Scoring {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #slot = new Latest();
  /** Class named by a scheme for a picture, by the picture's id: what is known need not be computed again. */
  readonly #known = new Map<Scheme, Map<number, number>>();

  constructor(engine: Engine, store: Store) {
    this.#engine = engine;
    this.#store = store;
  }

  cancel(): void {
    this.#slot.cancel();
    if (this.#store.value.scoring) this.#store.set({ scoring: null });
  }

  /** Forgets what these schemes (default: all) said. */
  forget(schemes: readonly Scheme[] = SCHEMES): void {
    this.cancel();
    for (const scheme of schemes) this.#known.delete(scheme);
  }

  async run(): Promise<void> {
    const { pictures, model, reports } = this.#store.value;
    if (!model || model.task !== "classification" || pictures.length === 0) return;
    const schemes = SCHEMES.filter((scheme) => scheme === "float" || reports[scheme]);
    if (schemes.every((scheme) => this.#of(scheme).size >= pictures.length)) return this.#publish(schemes, pictures);

    const signal = this.#slot.next();
    let shown = performance.now();
    try {
      for (const [done, picture] of pictures.entries()) {
        const open = schemes.filter((scheme) => !this.#of(scheme).has(picture.id));
        if (open.length === 0) continue;
        const pixels = await picture.pixels();
        for (const scheme of open) {
          const prediction = await this.#engine.classify(scheme, pixels, { signal });
          this.#of(scheme).set(picture.id, prediction.top[0]?.class ?? -1);
        }
        if (performance.now() - shown > EVERY_MS) {
          this.#publish(schemes, pictures);
          const what = text.scoring;
          this.#store.set({ scoring: { done, total: pictures.length, what, cancel: () => this.cancel() } });
          shown = performance.now();
        }
      }
      this.#publish(schemes, pictures);
    } finally {
      // After an abort the bar belongs to whoever aborted.
      if (!signal.aborted) this.#store.set({ scoring: null });
    }
  }

  #of(scheme: Scheme): Map<number, number> {
    let known = this.#known.get(scheme);
    if (!known) this.#known.set(scheme, (known = new Map()));
    return known;
  }

  #publish(schemes: readonly Scheme[], pictures: readonly Picture[]): void {
    const scores: Partial<Record<Scheme, Score>> = {};
    for (const scheme of schemes) scores[scheme] = tally(this.#of(scheme), this.#of("float"), pictures);
    this.#store.set({ scores });
  }
}

export function tally(
  named: ReadonlyMap<number, number>,
  float: ReadonlyMap<number, number>,
  pictures: readonly Pick<Picture, "id" | "label">[],
): Score {
  const score: Score = { done: 0, total: pictures.length, labelled: 0, right: 0, same: 0 };
  for (const { id, label } of pictures) {
    const answer = named.get(id);
    if (answer === undefined) continue;
    score.done++;
    if (float.get(id) === answer) score.same++;
    if (label === null) continue;
    score.labelled++;
    if (label === answer) score.right++;
  }
  return score;
}
