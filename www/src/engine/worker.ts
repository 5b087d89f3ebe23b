/**
 * Owns the wasm instance. Conversion only: each call runs one short piece of work (one image, one scheme, one layer)
 * and returns, so that between two calls the event loop is free and nothing needs to be interrupted in here.
 */

import { expose } from "comlink";
import { Engine } from "../../../pkg/shiftwise.js";
import { toErrorData } from "./errors";
import { start } from "./wasm";

type Methods = Omit<Engine, "free">;
export type Method = keyof Methods;
export type Arguments<M extends Method> = Parameters<Methods[M]>;
export type Result<M extends Method> = ReturnType<Methods[M]>;

let engine: Engine | undefined;
const ready = start();

async function guarded<T>(run: () => T): Promise<T> {
  try {
    await ready;
    return run();
  } catch (thrown) {
    throw toErrorData(thrown);
  }
}

const api = {
  /** Replaces the open model; on an error the previous one stays. */
  open(model: Uint8Array, manifest: string | undefined): Promise<void> {
    return guarded(() => {
      const next = Engine.open(model, manifest);
      engine?.free();
      engine = next;
    });
  },

  call<M extends Method>(method: M, args: Arguments<M>): Promise<Result<M>> {
    return guarded(() => {
      if (!engine) throw new Error("no model is open");
      const run = engine[method] as unknown as (...args: Arguments<M>) => Result<M>;
      return run.apply(engine, args);
    });
  },
};

export type WorkerApi = typeof api;

expose(api);
