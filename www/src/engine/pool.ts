/**
 * Evaluates many pictures on several Workers, so that the page's own stays free. Workers are started when there is work
 * and released when there has been none for a while. A picture's scores depend on the picture alone: neither on which
 * Worker computes them nor on how many there are.
 */

import { EngineError, isAbort } from "./errors";
import { poolSize, thisMachine, type Machine } from "./pool-size";
import { PoolWorker, Unready, type Job, type OnResult } from "./pool-worker";
import { startWorker, type Host } from "./session";
import type { Snapshot } from "./snapshot";
import type { CallOptions } from "./types";

/** Idle Workers keep their memory this long. */
export const IDLE_MS = 20_000;
/** A picture that brings down its Worker is tried once more, on a fresh one; so is a Worker that cannot be prepared. */
const ATTEMPTS = 2;

export interface Failure {
  id: number;
  error: Error;
}

export interface PoolOptions {
  signal: AbortSignal;
  onResult: OnResult;
  /** Waits while other work is to be done. */
  background?: boolean;
}

/** Where the state comes from that Workers are brought to. */
export interface Source {
  snapshot(options?: CallOptions): Promise<Snapshot | undefined>;
}

interface Batch extends PoolOptions {
  snapshot: Snapshot;
  queue: { job: Job; attempts: number }[];
  running: number;
  failures: Failure[];
  finish(): void;
  fail(thrown: unknown): void;
}

export class Pool {
  readonly #source: Source;
  readonly #start: () => Host;
  readonly #machine: () => Machine;
  readonly #workers: PoolWorker[] = [];
  readonly #busy = new Set<PoolWorker>();
  #batches: Batch[] = [];
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(source: Source, start: () => Host = startWorker, machine: () => Machine = thisMachine) {
    this.#source = source;
    this.#start = start;
    this.#machine = machine;
  }

  /**
   * Scores every job and returns those that could not be scored. Rejects on abort, and when Workers cannot be brought to
   * the engine's state at all.
   */
  async score(jobs: readonly Job[], options: PoolOptions): Promise<Failure[]> {
    const { signal } = options;
    const snapshot = jobs.length > 0 ? await this.#source.snapshot({ signal }) : undefined;
    signal.throwIfAborted();
    if (!snapshot) return [];
    return new Promise((resolve, reject) => {
      const close = (then: () => void) => {
        signal.removeEventListener("abort", onAbort);
        this.#batches = this.#batches.filter((other) => other !== batch);
        then();
      };
      const onAbort = () => close(() => reject(signal.reason));
      const batch: Batch = {
        ...options,
        snapshot,
        queue: jobs.map((job) => ({ job, attempts: 0 })),
        running: 0,
        failures: [],
        finish: () => close(() => resolve(batch.failures)),
        fail: (thrown) => close(() => reject(thrown)),
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#batches.push(batch);
      this.#wake(batch);
    });
  }

  /** Sets as many Workers to work as the batch deserves. */
  #wake(batch: Batch): void {
    clearTimeout(this.#idle);
    const size = poolSize(this.#machine(), batch.snapshot.model.byteLength, batch.queue.length);
    while (this.#workers.length < size) this.#workers.push(new PoolWorker(this.#start));
    for (const worker of this.#workers.slice(0, size)) {
      if (!this.#busy.has(worker)) void this.#serve(worker);
    }
  }

  /** Lets a Worker do jobs until there are none. */
  async #serve(worker: PoolWorker): Promise<void> {
    this.#busy.add(worker);
    let unready = 0;
    for (let batch = this.#next(); batch; batch = this.#next()) {
      const entry = batch.queue.shift();
      if (!entry) break;
      batch.running++;
      try {
        entry.attempts++;
        await worker.score(entry.job, batch.snapshot, batch.onResult, batch.signal);
        unready = 0;
      } catch (thrown) {
        if (thrown instanceof Unready) {
          if (!worker.isLost || ++unready === ATTEMPTS) batch.fail(thrown.cause);
          else batch.queue.unshift({ ...entry, attempts: entry.attempts - 1 });
        } else if (worker.isLost && entry.attempts < ATTEMPTS) {
          batch.queue.unshift(entry);
        } else if (!isAbort(thrown)) {
          batch.failures.push({ id: entry.job.id, error: asError(thrown) });
        }
      }
      batch.running--;
      if (batch.queue.length === 0 && batch.running === 0) batch.finish();
    }
    this.#busy.delete(worker);
    if (this.#busy.size === 0) this.#idle = setTimeout(() => this.#release(), IDLE_MS);
  }

  /** The batch to go on with: what somebody waits for comes before the background. */
  #next(): Batch | undefined {
    const open = this.#batches.filter(({ queue }) => queue.length > 0);
    return open.find(({ background }) => !background) ?? open[0];
  }

  #release(): void {
    for (const worker of this.#workers.splice(0)) worker.release();
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : EngineError.of("worker-crashed", String(thrown), "");
}
