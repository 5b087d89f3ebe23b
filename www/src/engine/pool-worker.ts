/** One Worker of the pool: a session, and what it was last brought to, so that only what differs is done again. */

import { crashed, isAbort } from "./errors";
import { Session, type Host } from "./session";
import { isOpenedAs, open, type Snapshot } from "./snapshot";
import type { PictureScore, PixelSource, QuantizeOptions, Scheme } from "./types";

/** A scheme as it is to be quantized, or float. */
export type Run = "float" | QuantizeOptions;

export const schemeOf = (run: Run): Scheme => (run === "float" ? run : run.scheme);

/** One picture under some schemes. `id` tells pictures apart. */
export interface Job {
  id: number;
  picture: PixelSource;
  runs: readonly Run[];
}

export type OnResult = (id: number, run: Run, score: PictureScore) => void;

/** The Worker could not be brought to where it should compute: no fault of the picture's. */
export class Unready extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super("the Worker could not be prepared");
    this.cause = cause;
  }
}

export class PoolWorker {
  readonly #start: () => Host;
  #session: Session | undefined;
  #snapshot: Snapshot | undefined;
  /** Options that each scheme was last quantized with, as text. */
  readonly #quantized = new Map<Scheme, string>();

  constructor(start: () => Host) {
    this.#start = start;
  }

  get isLost(): boolean {
    return this.#session?.lost ?? false;
  }

  /** Tells the score of each run as it is found. A crashed session is replaced at the next call. */
  async score({ id, picture, runs }: Job, snapshot: Snapshot, onResult: OnResult, signal: AbortSignal): Promise<void> {
    const { rgba, width, height } = await picture.pixels();
    const session = await prepared(this.#bring(snapshot, signal));
    for (const run of runs) {
      if (run !== "float") await prepared(this.#quantize(session, run, signal));
      const score = await session.call("score", [schemeOf(run), id, rgba, width, height], signal);
      signal.throwIfAborted();
      onResult(id, run, score);
    }
  }

  release(): void {
    this.#session?.end(crashed("released"));
    this.#session = this.#snapshot = undefined;
  }

  async #bring(snapshot: Snapshot, signal: AbortSignal): Promise<Session> {
    if (!this.#session || this.#session.lost) {
      this.#session = new Session(this.#start());
      this.#snapshot = undefined;
    }
    const session = this.#session;
    if (!this.#snapshot || !isOpenedAs(this.#snapshot, snapshot)) {
      this.#snapshot = undefined;
      await open(session, snapshot);
      this.#snapshot = { ...snapshot, calibration: undefined };
      this.#quantized.clear();
      signal.throwIfAborted();
    }
    if (snapshot.calibration && this.#snapshot.calibration !== snapshot.calibration) {
      await session.call("set_calibration_state", [snapshot.calibration]);
      this.#snapshot = snapshot;
      this.#quantized.clear();
    }
    return session;
  }

  async #quantize(session: Session, options: QuantizeOptions, signal: AbortSignal): Promise<void> {
    const wanted = JSON.stringify(options);
    if (this.#quantized.get(options.scheme) === wanted) return;
    this.#quantized.delete(options.scheme);
    await session.call("quantize", [options], signal);
    this.#quantized.set(options.scheme, wanted);
  }
}

async function prepared<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (thrown) {
    throw isAbort(thrown) ? thrown : new Unready(thrown);
  }
}
