/**
 * What a Worker with the wasm instance does. Conversion only: each call runs one short piece of work (one image, one
 * scheme, one layer) and returns, so that between two calls the event loop is free and nothing needs to be interrupted in
 * here.
 */

import { expose } from "comlink";
import { toErrorData } from "./errors";
import type { Build, EngineMethods } from "./wasm";

export type Method = keyof EngineMethods;
export type Arguments<M extends Method> = Parameters<EngineMethods[M]>;
export type Result<M extends Method> = ReturnType<EngineMethods[M]>;

export interface WorkerApi {
  /** Replaces the open model; on an error the previous one stays. */
  open(model: Uint8Array, manifest: string | undefined): Promise<void>;
  call<M extends Method>(method: M, args: Arguments<M>): Promise<Result<M>>;
}

/** Answers the page from a build that is being started. */
export function serve(build: Promise<Build>): void {
  let engine: ReturnType<Build["Engine"]["open"]> | undefined;

  async function guarded<T>(run: (build: Build) => T): Promise<T> {
    try {
      return run(await build);
    } catch (thrown) {
      throw toErrorData(thrown);
    }
  }

  const api: WorkerApi = {
    open: (model, manifest) =>
      guarded(({ Engine }) => {
        const next = Engine.open(model, manifest);
        engine?.free();
        engine = next;
      }),

    call: <M extends Method>(method: M, args: Arguments<M>) =>
      guarded(() => {
        if (!engine) throw new Error("no model is open");
        const run = (engine as unknown as EngineMethods)[method] as unknown as (...args: Arguments<M>) => Result<M>;
        return run.apply(engine, args);
      }),
  };
  expose(api);
}
