/**
 * One Worker from start to end. A session that is lost (crashed, or silent for too long) rejects everything that waits
 * for it, at once; the client then starts another one.
 */

import { wrap } from "comlink";
import { crashed, EngineError, isErrorData, stuck, type ErrorData } from "./errors";
import type { Arguments, Method, Result, WorkerApi } from "./serve";

/** The part of a Worker that a session needs; tests pass a fake. */
export interface Host {
  remote: WorkerApi;
  onCrash(listener: (detail: string) => void): void;
  terminate(): void;
}

export const startWorker = (): Host =>
  hosted(new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "shiftwise engine" }));

export const startExporter = (): Host =>
  hosted(new Worker(new URL("./export-worker.ts", import.meta.url), { type: "module", name: "shiftwise export" }));

function hosted(worker: Worker): Host {
  return {
    // Every method is asynchronous already, so the remote has the same type; Comlink's own loses the generics.
    remote: wrap(worker) as unknown as WorkerApi,
    onCrash: (listener) => {
      worker.addEventListener("error", (event) => {
        event.preventDefault();
        listener(event.message || "it could not be loaded");
      });
      worker.addEventListener("messageerror", () => listener("a message could not be read"));
    },
    terminate: () => worker.terminate(),
  };
}

/** Seconds without any answer while calls wait, after which the Worker counts as runaway. */
export const PATIENCE = { working: 120, aborted: 8 };

export class Session {
  lost = false;
  readonly #host: Host;
  readonly #waiting = new Set<(error: EngineError) => void>();
  #abandoned = 0;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
    host.onCrash((detail) => this.end(crashed(detail)));
  }

  /** One call of the engine's. */
  call<M extends Method>(method: M, args: Arguments<M>, signal?: AbortSignal): Promise<Result<M>> {
    return this.run((remote) => remote.call(method, args), signal);
  }

  /** Runs one call. Rejects on abort without waiting for the Worker, whose answer is then ignored. */
  run<T>(start: (remote: Host["remote"]) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let aborted = false;
      const onAbort = () => {
        aborted = true;
        this.#abandoned++;
        this.#watch();
        reject(signal?.reason);
      };
      const settle = (finish: () => void) => {
        signal?.removeEventListener("abort", onAbort);
        this.#waiting.delete(reject);
        if (aborted) this.#abandoned--;
        if (!this.lost) this.#watch();
        finish();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(reject);
      this.#watch();
      start(this.#host.remote).then(
        (value) => settle(() => resolve(value)),
        (thrown: unknown) =>
          settle(() => {
            const data = isErrorData(thrown) ? thrown : crashed(String(thrown));
            if (data.code === "worker-crashed") this.end(data);
            reject(new EngineError(data));
          }),
      );
    });
  }

  end(data: ErrorData): void {
    if (this.lost) return;
    this.lost = true;
    clearTimeout(this.#watchdog);
    this.#host.terminate();
    const error = new EngineError(data);
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** (Re)starts the clock: any answer shows that the Worker is alive. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.lost || this.#waiting.size === 0) return;
    const seconds = this.#abandoned > 0 ? PATIENCE.aborted : PATIENCE.working;
    this.#watchdog = setTimeout(() => this.end(stuck(seconds)), seconds * 1000);
  }
}
