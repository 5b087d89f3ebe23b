// @vitest-environment node
// The pool with the real engine, in this process instead of Workers: the bundled network's scores are the same, bit for
// bit, on one and on three instances that took over the calibration, and on the one that calibrated.

import { expect, it } from "vitest";
import manifest from "../../models/digits/digits.shiftwise.json?raw";
import model from "../../models/digits/digits.onnx?inline";
import { Engine as Instance, initSync } from "../../../pkg/shiftwise.js";
import wasm from "../../../pkg/shiftwise_bg.wasm?inline";
import { Engine } from "./client";
import { toErrorData } from "./errors";
import { Pool } from "./pool";
import { schemeOf, type Job, type Run } from "./pool-worker";
import type { Host } from "./session";
import type { EngineMethods } from "./wasm";
import { INTEGER_SCHEMES, type Pixels } from "./types";

/** Some 600 inferences: a second on an idle machine. */
const BUSY_MACHINE_MS = 60_000;

const bytesOf = async (address: string) => new Uint8Array(await (await fetch(address)).arrayBuffer());

initSync({ module: await bytesOf(wasm) });

function host(): Host {
  let instance: Instance | undefined;
  const guarded = async <T>(run: () => T): Promise<T> => {
    try {
      return run();
    } catch (thrown) {
      throw toErrorData(thrown);
    }
  };
  const remote: Host["remote"] = {
    open: (model, manifest) => guarded(() => void (instance = Instance.open(model, manifest))),
    call: (method, args) =>
      guarded(() => {
        const run = (instance as EngineMethods | undefined)?.[method] as unknown as (...all: typeof args) => never;
        return run.apply(instance, args);
      }),
  };
  return { remote, onCrash: () => {}, terminate: () => instance?.free() };
}

/** A blot of ink that moves and grows with `i`. */
function picture(i: number): Pixels {
  const rgba = new Uint8Array(32 * 32 * 4).fill(255);
  for (let y = 0; y < 32; y++) {
    for (let x = 0; x < 32; x++) {
      const inside = Math.hypot(x - 16 - 6 * Math.sin(i), y - 16 - 8 * Math.cos(2 * i)) < 2 + (i % 9);
      if (inside) rgba.fill((x * y * i) % 90, 4 * (32 * y + x), 4 * (32 * y + x) + 3);
    }
  }
  return { rgba, width: 32, height: 32 };
}

const source = (i: number) => ({ pixels: () => Promise.resolve(picture(i)) });

it(
  "computes the same scores on one instance and on three",
  async () => {
    const engine = new Engine(host);
    await engine.open(await bytesOf(model), manifest);
    const settings = { method: "mse", percentile: 99.99, tap_means: true } as const;
    await engine.calibrate([1, 2, 3, 4].map(source), settings);
    const runs: Run[] = ["float"];
    for (const scheme of INTEGER_SCHEMES) {
      runs.push({ ...(await engine.defaultOptions(scheme, "npu")), weight_bits: 5, bias_correction: "empirical" });
    }
    const jobs = Array.from({ length: 40 }, (_, id): Job => ({ id, picture: source(id), runs }));
    const scores = async (cores: number) => {
      const found: Record<string, string> = {};
      let instances = 0;
      const start = () => {
        instances++;
        return host();
      };
      const failures = await new Pool(engine, start, () => ({ cores, memory: 8 })).score(jobs, {
        signal: new AbortController().signal,
        onResult: (id, run, score) => (found[`${id} ${schemeOf(run)}`] = JSON.stringify(score)),
      });
      expect(failures).toEqual([]);
      expect(instances).toBe(cores);
      return found;
    };
    const one = await scores(1);
    expect(Object.keys(one)).toHaveLength(160);
    expect(await scores(3)).toEqual(one);

    for (const run of runs) if (run !== "float") await engine.quantize(run);
    for (const { id } of jobs.slice(0, 10)) {
      for (const run of runs) {
        const prediction = run === "float" ? await engine.setPicture(picture(id)) : await engine.predict(schemeOf(run));
        const best = prediction.result?.kind === "classes" ? prediction.result.top[0] : undefined;
        const pooled = JSON.parse(one[`${id} ${schemeOf(run)}`] ?? "") as Record<string, unknown>;
        expect(pooled).toMatchObject({ class: best?.class, confidence: best?.score });
      }
    }
  },
  BUSY_MACHINE_MS,
);
