/** Accuracy and agreement in the background: every picture through every scheme, one at a time, as far as it gets. */

import type { Engine } from "./engine/client";
import { SCHEMES, type PictureScore, type Scheme, type Tally } from "./engine/types";
import { Latest } from "./latest";
import type { Picture } from "./pictures";
import type { Score, Store } from "./state";
import { text } from "./strings";

/** At most this often does a running tally reach the page. */
const EVERY_MS = 80;

type Scored = Pick<Picture, "id" | "label">;

export class Scoring {
  readonly #engine: Engine;
  readonly #store: Store;
  readonly #slot = new Latest();
  /** What a scheme makes of a picture, by the picture's id: what is known need not be computed again. */
  readonly #known = new Map<Scheme, Map<number, PictureScore>>();

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
    if (!model || model.task_problem || pictures.length === 0) return;
    const schemes = SCHEMES.filter((scheme) => scheme === "float" || reports[scheme]);
    const signal = this.#slot.next();
    let shown = performance.now();
    try {
      for (const [done, picture] of pictures.entries()) {
        const open = schemes.filter((scheme) => !this.#of(scheme).has(picture.id));
        if (open.length === 0) continue;
        const pixels = await picture.pixels();
        for (const scheme of open) {
          this.#of(scheme).set(picture.id, await this.#engine.score(scheme, picture.id, pixels, { signal }));
        }
        if (performance.now() - shown > EVERY_MS) {
          await this.#publish(schemes, pictures, signal);
          const what = text.scoring;
          this.#store.set({ scoring: { done, total: pictures.length, what, cancel: () => this.cancel() } });
          shown = performance.now();
        }
      }
      await this.#publish(schemes, pictures, signal);
    } finally {
      // After an abort the bar belongs to whoever aborted.
      if (!signal.aborted) this.#store.set({ scoring: null });
    }
  }

  #of(scheme: Scheme): Map<number, PictureScore> {
    let known = this.#known.get(scheme);
    if (!known) this.#known.set(scheme, (known = new Map()));
    return known;
  }

  async #publish(schemes: readonly Scheme[], pictures: readonly Picture[], signal: AbortSignal): Promise<void> {
    const scores: Partial<Record<Scheme, Score>> = {};
    for (const scheme of schemes) {
      const score = total(this.#of(scheme), pictures);
      const agreement = score.tally ? await this.#engine.figure(score.tally, { signal }) : null;
      scores[scheme] = { ...score, agreement };
    }
    signal.throwIfAborted();
    this.#store.set({ scores });
  }
}

/** What is known of the pictures, added up. */
export function total(known: ReadonlyMap<number, PictureScore>, pictures: readonly Scored[]): Omit<Score, "agreement"> {
  const score = { done: 0, total: pictures.length, labelled: 0, right: 0, tally: null as Tally | null };
  for (const { id, label } of pictures) {
    const one = known.get(id);
    if (!one) continue;
    score.done++;
    if (one.tally) score.tally = score.tally ? add(score.tally, one.tally) : one.tally;
    if (label === null || one.class == null) continue;
    score.labelled++;
    if (label === one.class) score.right++;
  }
  return score;
}

/** Tallies of one metric add up entry by entry. */
function add(a: Tally, b: Tally): Tally {
  return { metric: a.metric, sums: a.sums.map((sum, i) => sum + (b.sums[i] ?? 0)) };
}
