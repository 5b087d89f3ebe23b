import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Engine } from "./client";
import { PATIENCE, type Host } from "./session";
import type { Pixels, PixelSource, QuantizeOptions } from "./types";

/** A Worker that answers everything, writes down what it was asked, and can be told to misbehave. */
class FakeWorker implements Host {
  readonly log: string[] = [];
  terminated = false;
  /** What becomes of a call, by method; default is an answer. */
  behaviour = new Map<string, () => Promise<unknown>>();
  #crash: (detail: string) => void = () => {};

  readonly remote = {
    open: (_model: Uint8Array, manifest?: string) => this.#answer(`open ${manifest ?? ""}`.trim(), "open"),
    call: (method: string, args: unknown[]) => this.#answer(describeCall(method, args), method),
  } as unknown as Host["remote"];

  onCrash(listener: (detail: string) => void): void {
    this.#crash = listener;
  }

  terminate(): void {
    this.terminated = true;
  }

  crash(): void {
    this.#crash("unreachable");
  }

  async #answer(entry: string, method: string): Promise<unknown> {
    this.log.push(entry);
    return this.behaviour.get(method)?.() ?? (method === "calibration_end" ? 2 : { method });
  }
}

function describeCall(method: string, args: unknown[]): string {
  if (method === "quantize") return `quantize ${(args[0] as QuantizeOptions).scheme}`;
  if (method === "set_task") return `set_task ${args[0] as string}`;
  if (method === "set_labels") return `set_labels ${(args[0] as string[]).join()}`;
  return method;
}

const pixels: Pixels = { rgba: new Uint8Array(4), width: 1, height: 1 };
const picture: PixelSource = { pixels: () => Promise.resolve(pixels) };
const model = new Uint8Array(8);
const shiftWise = { scheme: "shift-wise" } as QuantizeOptions;
const never = () => new Promise<never>(() => {});

let workers: FakeWorker[];
let exporters: FakeWorker[];
let engine: Engine;
const worker = (i = workers.length - 1): FakeWorker => workers[i]!;

beforeEach(() => {
  [workers, exporters] = [[], []];
  const startIn = (started: FakeWorker[]) => () => {
    const next = new FakeWorker();
    started.push(next);
    return next;
  };
  engine = new Engine(startIn(workers), startIn(exporters));
});

afterEach(() => vi.useRealTimers());

const byRange = { method: "min-max", percentile: 99.99, tap_means: true } as const;

/** Brings the engine into a full state: model, labels, calibration, a scheme, a picture. */
async function fill(): Promise<void> {
  await engine.open(model, "{}");
  await engine.setTask("segmentation");
  await engine.setLabels(["a", "b"]);
  await engine.calibrate([picture, picture], byRange);
  await engine.quantize(shiftWise);
  await engine.setPicture(pixels);
}

describe("engine client", () => {
  it("calibrates picture by picture and tells how far it is", async () => {
    await engine.open(model);
    const seen: string[] = [];
    const used = await engine.calibrate([picture, picture], byRange, {
      onProgress: ({ done, total }) => seen.push(`${done}/${total}`),
    });
    expect(used).toBe(2);
    expect(seen).toEqual(["0/2", "1/2", "2/2"]);
    expect(worker().log.slice(2)).toEqual(["calibration_begin", "calibrate", "calibrate", "calibration_end"]);
  });

  it("stops between two pictures when aborted, without hurting the Worker", async () => {
    await engine.open(model);
    const controller = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 1 && controller.abort();
    const run = engine.calibrate([picture, picture, picture], byRange, { signal: controller.signal, onProgress });
    await expect(run).rejects.toMatchObject({ name: "AbortError" });
    expect(worker().log.filter((entry) => entry === "calibrate")).toHaveLength(1);
    expect(worker().terminated).toBe(false);
    await expect(engine.model()).resolves.toBeDefined();
  });

  it("rejects with the engine's own error and keeps the state", async () => {
    await fill();
    const data = { code: "not-onnx", reason: "no model", hint: "choose another", message: "no model; choose another" };
    worker().behaviour.set("open", () => Promise.reject(data));
    await expect(engine.open(model)).rejects.toMatchObject(data);
    expect(worker().terminated).toBe(false);
    worker().crash();
    await engine.model();
    expect(worker().log).toContain("open {}");
  });

  it("replaces a crashed Worker by one in the same state", async () => {
    await fill();
    const first = worker();
    first.behaviour.set("predict", never);
    const waiting = engine.predict("shift-wise");
    await vi.waitFor(() => expect(first.log).toContain("predict"));
    first.crash();
    await expect(waiting).rejects.toMatchObject({ code: "worker-crashed" });
    expect(first.terminated).toBe(true);

    await engine.predict("shift-wise");
    expect(workers).toHaveLength(2);
    expect(worker().log).toEqual([
      "open {}",
      "set_task segmentation",
      "set_labels a,b",
      "calibration_begin",
      "calibrate",
      "calibrate",
      "calibration_end",
      "quantize shift-wise",
      "set_picture",
      "predict",
    ]);
  });

  it("writes files in a Worker of its own, brought to the same state", async () => {
    await fill();
    const before = [...worker().log];
    await engine.export(shiftWise, "onnx");
    expect(worker().log).toEqual([...before, "calibration_state"]);
    expect(exporters).toHaveLength(1);
    expect(exporters[0]?.log).toEqual([
      "open {}",
      "set_task segmentation",
      "set_labels a,b",
      "set_calibration_state",
      "quantize shift-wise",
      "export",
    ]);
    expect(exporters[0]?.terminated).toBe(true);
  });

  it("ends the Worker that writes files when that is cancelled", async () => {
    const [own, exporter] = [new FakeWorker(), new FakeWorker()];
    exporter.behaviour.set("quantize", never);
    engine = new Engine(
      () => own,
      () => exporter,
    );
    await fill();
    const cancel = new AbortController();
    const written = engine.export(shiftWise, "onnx", { signal: cancel.signal });
    await vi.waitFor(() => expect(exporter.log).toContain("quantize shift-wise"));
    cancel.abort();
    await expect(written).rejects.toBe(cancel.signal.reason);
    expect([own.terminated, exporter.terminated]).toEqual([false, true]);
  });

  it("restores once for calls that come together", async () => {
    await fill();
    worker().crash();
    await Promise.all([engine.model(), engine.layer("shift-wise", 0), engine.layer("shift-wise", 1)]);
    expect(workers).toHaveLength(2);
    expect(worker().log.filter((entry) => entry.startsWith("open"))).toHaveLength(1);
  });

  it("does not restore calibration or schemes that a new preprocessing has dropped", async () => {
    await fill();
    await engine.setInput({ channels: "gray", resize: { mode: "stretch", size: [8, 8] }, mean: [0], std: [255] });
    worker().crash();
    await engine.model();
    expect(worker().log).toEqual([
      "open {}",
      "set_task segmentation",
      "set_labels a,b",
      "set_input",
      "set_picture",
      "model",
    ]);
  });

  it("gives up a state that brings down the Worker again, so that another model can be opened", async () => {
    await fill();
    worker().crash();
    const crash = () => Promise.reject({ code: "worker-crashed", reason: "", hint: "", message: "crashed" });
    const made = workers.length;
    // The next Worker crashes while the state is replayed.
    const restoring = engine.model();
    worker().behaviour.set("calibrate", crash);
    await expect(restoring).rejects.toMatchObject({ code: "worker-crashed" });
    expect(workers).toHaveLength(made + 1);
    await engine.open(model);
    expect(worker().log).toEqual(["open", "model"]);
  });

  it("replaces a Worker that does not answer, sooner when nobody wants the answer any more", async () => {
    vi.useFakeTimers();
    await fill();
    worker().behaviour.set("quantize", never);
    const working = engine.quantize(shiftWise);
    const rejected = expect(working).rejects.toMatchObject({ code: "worker-stuck" });
    await vi.advanceTimersByTimeAsync(PATIENCE.working * 1000 - 1);
    expect(worker(0).terminated).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await rejected;
    expect(worker(0).terminated).toBe(true);

    await engine.model();
    worker().behaviour.set("quantize", never);
    const controller = new AbortController();
    const aborted = expect(engine.quantize(shiftWise, { signal: controller.signal })).rejects.toMatchObject({
      name: "AbortError",
    });
    await vi.advanceTimersByTimeAsync(10);
    controller.abort();
    await aborted;
    await vi.advanceTimersByTimeAsync(PATIENCE.aborted * 1000);
    expect(worker(1).terminated).toBe(true);
  });
});
