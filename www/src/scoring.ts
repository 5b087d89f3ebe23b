/** Accuracy and agreement in the background: every picture through every scheme, as far as it gets. */

import type { Engine } from "./engine/client";
import { isAbort } from "./engine/errors";
import type { Failure, Pool } from "./engine/pool";
import { schemeOf, type Job, type OnResult, type Run } from "./engine/pool-worker";
import { INTEGER_SCHEMES, SCHEMES, type PictureScore, type Scheme, type Tally } from "./engine/types";
import { Latest } from "./latest";
import type { Picture } from "./pictures";
import type { Score, Store } from "./state";
import { text } from "./strings";

/** At most this often does a running tally reach the page. */
const EVERY_MS = 80;

type Scored = Pick<Picture, "id" | "label">;

export class Scoring {
  readonly #engine: Pick<Engine, "figure">;
  readonly #pool: Pick<Pool, "score">;
  readonly #store: Store;
  readonly #slot = new Latest();
  /** What a scheme makes of a picture, by the picture's id: what is known need not be computed again. */
  readonly #known = new Map<Scheme, Map<number, PictureScore>>();
  /** The pictures that a person stopped counting; they are counted on when asked for, or when schemes change. */
  #stopped: readonly Picture[] | null = null;

  constructor(engine: Pick<Engine, "figure">, pool: Pick<Pool, "score">, store: Store) {
    this.#engine = engine;
    this.#pool = pool;
    this.#store = store;
  }

  cancel(): void {
    this.#slot.cancel();
    if (this.#store.value.scoring) this.#store.set({ scoring: null });
  }

  /** Leaves it at what is known, and shows just that: figures of earlier settings must not pass for it. */
  async stop(): Promise<void> {
    this.cancel();
    const { pictures } = this.#store.value;
    this.#stopped = pictures;
    try {
      await this.#publish(this.#runs().map(schemeOf), pictures, this.#slot.next());
    } catch (thrown) {
      unlessAborted(thrown);
    }
  }

  /** Goes on after a stop. */
  resume(): Promise<void> {
    this.#stopped = null;
    return this.run();
  }

  /** Forgets what these schemes (default: all) said. */
  forget(schemes: readonly Scheme[] = SCHEMES): void {
    this.cancel();
    this.#stopped = null;
    for (const scheme of schemes) this.#known.delete(scheme);
    this.#store.set({ outcomes: Object.fromEntries(this.#known) });
  }

  /** Counts what is not known yet, unless a person stopped that. */
  async run(): Promise<void> {
    const { pictures, model } = this.#store.value;
    if (!model || model.task_problem || pictures.length === 0 || this.#stopped === pictures) return;
    const runs = this.#runs();
    const schemes = runs.map(schemeOf);
    const jobs = pictures.flatMap((picture): Job[] => {
      const open = runs.filter((run) => !this.#of(schemeOf(run)).has(picture.id));
      return open.length > 0 ? [{ id: picture.id, picture, runs: open }] : [];
    });
    const signal = this.#slot.next();
    const since = performance.now();
    let shown = since;
    let publishing = Promise.resolve();
    const publish = () => (publishing = publishing.then(() => this.#publish(schemes, pictures, signal)));
    const known = pictures.length - jobs.length;
    const show = (done: number) => {
      const progress = { done: known + done, total: pictures.length, what: text.scoring };
      this.#store.set({ scoring: { ...progress, since, from: known, cancel: () => void this.stop() } });
    };
    let results = 0;
    const total = jobs.reduce((sum, job) => sum + job.runs.length, 0);
    const onResult: OnResult = (id, run, score) => {
      this.#of(schemeOf(run)).set(id, score);
      results++;
      if (performance.now() - shown < EVERY_MS) return;
      shown = performance.now();
      show(Math.floor((results / total) * jobs.length));
      publish().catch(unlessAborted);
    };
    if (jobs.length > 0) show(0);
    try {
      const failures = await this.#pool.score(jobs, { signal, onResult });
      await publish();
      report(failures, pictures);
    } finally {
      // After an abort the bar belongs to whoever aborted.
      if (!signal.aborted) this.#store.set({ scoring: null });
    }
  }

  /** What every picture is run through. */
  #runs(): Run[] {
    const { reports } = this.#store.value;
    return ["float", ...INTEGER_SCHEMES.flatMap((scheme) => reports[scheme]?.options ?? [])];
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
    this.#store.set({ scores, outcomes: Object.fromEntries(this.#known) });
  }
}

function unlessAborted(thrown: unknown): void {
  if (!isAbort(thrown)) throw thrown;
}

/** Pictures that could not be counted are told of at the end: the others do not wait for them. */
function report(failures: readonly Failure[], pictures: readonly Picture[]): void {
  const [first] = failures;
  if (!first) return;
  const name = pictures.find(({ id }) => id === first.id)?.name ?? "";
  throw new Error(text.many.notCounted(failures.length, name, first.error.message));
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
