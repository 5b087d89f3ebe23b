import { beforeEach, expect, it, vi } from "vitest";
import type { Engine } from "./engine/client";
import { EngineError } from "./engine/errors";
import type { Pool } from "./engine/pool";
import { schemeOf } from "./engine/pool-worker";
import type { CalibrationOptions, CallOptions, ModelReport, QuantizeOptions, Scheme } from "./engine/types";
import type { ShiftEdits } from "./layer/edits";
import { begin } from "./layer/history";
import { Playground } from "./playground";
import { store, Store } from "./state";
import { parsePlace } from "./url";

const pixels = { rgba: new Uint8Array(4), width: 1, height: 1 };
const tile = (id: number) => ({ id, name: `${id}`, thumbnail: "", label: 0, pixels: () => Promise.resolve(pixels) });

vi.mock("./bundled", () => ({
  loadBundled: () =>
    Promise.resolve({
      model: new Uint8Array(1),
      manifest: "{}",
      samples: [tile(1), tile(2)],
      calibration: [tile(3)],
    }),
}));
vi.mock("./pictures", () => ({
  fromFile: (_: File, name: string) => Promise.resolve({ ...tile(9), name, label: null }),
}));

/** An engine that answers at once, writes down what it was asked, and can be held up. */
function fakeEngine() {
  const log: string[] = [];
  const hold = new Map<string, Promise<void>>();
  const answer = async <T>(entry: string, value: T, options?: CallOptions): Promise<T> => {
    log.push(entry);
    options?.signal?.throwIfAborted();
    await Promise.race([
      hold.get(entry) ?? Promise.resolve(),
      new Promise((_, reject) => options?.signal?.addEventListener("abort", () => reject(options.signal?.reason))),
    ]);
    return value;
  };
  const model = { title: "m", task: "classification", nodes: [{}], labels: [] } as unknown as ModelReport;
  const prediction = (scheme: Scheme) => ({
    scheme,
    result: { kind: "classes", top: [{ class: 0, label: "0", score: 1 }] },
    sqnr_db: [],
  });
  const engine = {
    open: (_: unknown, __: unknown, options: CallOptions) => answer("open", model, options),
    model: () => answer("model", model),
    setInput: () => answer("input", undefined),
    calibrate: (_: unknown, settings: CalibrationOptions, options: CallOptions) =>
      answer(`calibrate ${settings.method}`, 1, options),
    defaultOptions: (scheme: Scheme, profile: string) => Promise.resolve({ scheme, profile: { datapath: profile } }),
    quantize: (options: QuantizeOptions, call: CallOptions) => {
      const given = Object.entries(options.shift_overrides ?? {}).map(([node, shifts]) => ` ${node}:${shifts.join()}`);
      return answer(`quantize ${options.scheme} ${options.shift_bits}${given.join("")}`, { options, layers: [] }, call);
    },
    preview: (_: unknown, options: CallOptions) => answer("preview", pixels, options),
    setPicture: (_: unknown, options: CallOptions) => answer("picture", prediction("float"), options),
    predict: (scheme: Scheme, options: CallOptions) => answer(`predict ${scheme}`, prediction(scheme), options),
    setLabels: (labels: string[]) => answer(`labels ${labels.join()}`, undefined),
    setTask: (task: string) => answer(`task ${task}`, undefined),
    figure: () => answer("figure", 1),
    classes: () => Promise.resolve(10),
    setUnbalance: (amount: number) => answer(`unbalance ${amount}`, undefined),
    unbalance: () => Promise.resolve({ amount: 1, pairs: [] }),
  };
  const pool: Pick<Pool, "score"> = {
    score: async (jobs, { onResult }) => {
      for (const { id, runs } of jobs) {
        for (const run of runs) {
          const score = { class: 0, confidence: 0.9, tally: { metric: "top-1" as const, sums: [1, 1] } };
          onResult(id, run, await answer(`score ${schemeOf(run)}`, score));
        }
      }
      return [];
    },
  };
  return { engine: engine as unknown as Engine, pool, log, hold };
}

let page: Store;
let fake: ReturnType<typeof fakeEngine>;
let playground: Playground;

beforeEach(() => {
  page = new Store(store.value);
  fake = fakeEngine();
  playground = new Playground(fake.engine, page, fake.pool);
});

const quantized = () => fake.log.filter((entry) => entry.startsWith("quantize"));

it("opens the bundled model up to the answers of four schemes", async () => {
  await playground.openBundled();
  expect(quantized()).toEqual(["quantize layer-wise 4", "quantize shift-wise 4", "quantize channel-wise 4"]);
  expect(Object.keys(page.value.predictions)).toEqual(["float", "layer-wise", "shift-wise", "channel-wise"]);
  expect(page.value).toMatchObject({ calibration: { count: 1, own: false }, current: 0, busy: null, notice: null });
  await vi.waitFor(() => expect(page.value.scores["float"]).toMatchObject({ done: 2, right: 2 }));
});

it("requantizes only what a knob concerns", async () => {
  await playground.openBundled();
  fake.log.length = 0;
  await playground.setKnobs({ shiftBits: 2 });
  expect(quantized()).toEqual(["quantize shift-wise 2"]);
  await playground.setKnobs({ weightBits: 6 });
  expect(quantized()).toHaveLength(4);
});

it("keeps what is set while a place is being opened, and has the rest as the place says", async () => {
  let release = () => {};
  fake.hold.set("open", new Promise((resolve) => (release = resolve)));
  const opening = playground.openPlace(parsePlace("#v=1&shift=2&weights=7&unbalance=40"));
  expect(page.value.knobs).toMatchObject({ shiftBits: 2, weightBits: 7 });
  await playground.setKnobs({ shiftBits: 1 });
  release();
  await opening;
  expect(page.value.knobs).toMatchObject({ shiftBits: 1, weightBits: 7, unbalance: 40 });
  expect(quantized().slice(-3)).toContain("quantize shift-wise 1");
});

it("takes what is given while a model is still being opened, in order", async () => {
  const picture = (name: string) => new File(["x"], name, { type: "image/png" });
  let release = () => {};
  fake.hold.set("open", new Promise((resolve) => (release = resolve)));
  const given = [
    playground.openFiles([new File(["x"], "own.onnx")]),
    playground.openFiles([picture("first.png")]),
    playground.openFiles([new File(["yes"], "names.txt")]),
    playground.openFiles([picture("second.png")]),
  ];
  await Promise.resolve();
  release();
  await Promise.all(given);
  expect(page.value).toMatchObject({ bundled: false, calibration: { own: true }, busy: null, notice: null });
  expect(page.value.pictures.map(({ name }) => name)).toEqual(["second.png", "first.png"]);
  expect(fake.log.filter((entry) => /^(open|labels)/.test(entry))).toEqual(["open", "labels yes"]);
  expect(Object.keys(page.value.predictions)).toHaveLength(4);
});

it("answers for pictures given while the bundled model still calibrates", async () => {
  let release = () => {};
  fake.hold.set("calibrate min-max", new Promise((resolve) => (release = resolve)));
  const opening = playground.openBundled();
  await vi.waitFor(() => expect(fake.log).toContain("calibrate min-max"));
  fake.hold.delete("calibrate min-max");
  await playground.openFiles([new File(["x"], "cat.png", { type: "image/png" })]);
  release();
  await opening;
  expect(page.value).toMatchObject({ bundled: true, calibration: { count: 1, own: false }, busy: null, notice: null });
  expect(Object.keys(page.value.predictions)).toHaveLength(4);
});

it("tells shift-wise alone of shifts set by hand, and runs nothing else again", async () => {
  await playground.openBundled();
  fake.log.length = 0;
  page.set({ edits: begin<ShiftEdits>({ 3: { rule: null, shifts: [1, 0] } }) });
  await playground.requantizeShifts();
  expect(quantized()).toEqual(["quantize shift-wise 4 3:1,0"]);
  expect(fake.log.filter((entry) => /^(picture|predict)/.test(entry))).toEqual(["predict shift-wise"]);
  expect(Object.keys(page.value.predictions)).toHaveLength(4);
  await playground.choosePicture(1);
  expect(fake.log.filter((entry) => /^(picture|predict)/.test(entry))).toHaveLength(1 + 4);
});

it("forgets shifts set by hand with the model they were set for", async () => {
  page.set({ edits: begin<ShiftEdits>({ 3: { rule: null, shifts: [1, 0] } }) });
  await playground.openBundled();
  expect(page.value.edits.present).toEqual({});
  expect(quantized()).toContain("quantize shift-wise 4");
});

it("restarts for the newest position of a knob, and loses no scheme on the way", async () => {
  await playground.openBundled();
  fake.log.length = 0;
  fake.hold.set("quantize layer-wise 4", new Promise(() => {}));
  const first = playground.setKnobs({ weightBits: 7 });
  await vi.waitFor(() => expect(quantized()).toHaveLength(1));
  fake.hold.clear();
  await playground.setKnobs({ shiftBits: 1 });
  await first;
  expect(quantized().slice(1)).toEqual(["quantize layer-wise 1", "quantize shift-wise 1", "quantize channel-wise 1"]);
  expect(page.value.reports["layer-wise"]?.options.weight_bits).toBe(7);
});

it("goes on after a cancelled calibration when another picture is chosen", async () => {
  vi.useFakeTimers();
  fake.hold.set("calibrate min-max", new Promise(() => {}));
  const opening = playground.openBundled();
  await vi.advanceTimersByTimeAsync(400);
  page.value.busy?.cancel?.();
  await opening;
  vi.useRealTimers();
  expect(page.value).toMatchObject({ busy: null, calibration: null, notice: { tone: "calm" } });
  fake.hold.clear();
  await playground.choosePicture(1);
  expect(page.value.calibration).toEqual({ count: 1, own: false });
  expect(Object.keys(page.value.predictions)).toHaveLength(4);
});

it("says what went wrong and keeps the model it had", async () => {
  await playground.openBundled();
  const { model, predictions } = page.value;
  fake.engine.open = () => Promise.reject(EngineError.of("not-onnx", "no model", "choose another"));
  await playground.openFiles([new File(["x"], "broken.onnx")]);
  expect(page.value.notice).toEqual({ tone: "error", text: "no model; choose another" });
  expect(page.value.model).toBe(model);
  expect(page.value.predictions).toBe(predictions);
});

it("calibrates a model without pictures of its own on those that are dropped", async () => {
  await playground.openFiles([new File(["x"], "own.onnx")]);
  expect(page.value).toMatchObject({ bundled: false, calibration: null, current: null, pictures: [] });
  await playground.openFiles([new File(["x"], "cat.png", { type: "image/png" })]);
  expect(page.value.calibration).toEqual({ count: 1, own: true });
  expect(page.value.predictions["shift-wise"]).toBeDefined();
});

it("reads the outputs as another task without quantizing anew", async () => {
  await playground.openBundled();
  await vi.waitFor(() => expect(page.value.scores["float"]).toMatchObject({ done: 2, agreement: 1 }));
  fake.log.length = 0;
  await playground.setTask("segmentation");
  expect(fake.log.slice(0, 2)).toEqual(["task segmentation", "model"]);
  expect(quantized()).toEqual([]);
  expect(Object.keys(page.value.predictions)).toHaveLength(4);
  await vi.waitFor(() => expect(page.value.scores["channel-wise"]).toMatchObject({ done: 2 }));
  expect(fake.log.filter((entry) => entry.startsWith("score"))).toHaveLength(8);
});

it("calibrates anew for other ranges, and only requantizes for another profile", async () => {
  await playground.openBundled();
  const calibrated = () => fake.log.filter((entry) => entry.startsWith("calibrate"));
  await playground.setKnobs({ activationBits: 5 });
  await playground.setKnobs({ profile: "tflite", bias: "empirical" });
  expect(page.value.knobs).toMatchObject({ profile: "tflite", activationBits: 8 });
  expect(calibrated()).toEqual(["calibrate min-max"]);
  await playground.setKnobs({ ranges: "mse" });
  expect(calibrated()).toEqual(["calibrate min-max", "calibrate mse"]);
});

it("calibrates anew, with the channels moved, when the balance changes", async () => {
  await playground.openBundled();
  fake.log.length = 0;
  await playground.setKnobs({ unbalance: 40 });
  expect(fake.log.filter((entry) => /^(unbalance|calibrate)/.test(entry))).toEqual([
    "unbalance 0.4",
    "calibrate min-max",
  ]);
  expect(quantized()).toHaveLength(3);
  await playground.openFiles([new File(["x"], "own.onnx")]);
  expect(page.value.knobs.unbalance).toBe(100);
});

it("learns what is on pictures from labels.csv, and keeps those that can be read", async () => {
  await playground.openBundled();
  const picture = (name: string) => new File(["x"], name, { type: "image/png" });
  await playground.openFiles([picture("a.png"), picture("b.png"), new File(["a.png,7"], "labels.csv")]);
  expect(page.value.pictures.map(({ name, label }) => [name, label])).toEqual([
    ["a.png", 7],
    ["b.png", null],
  ]);
  await playground.openFiles([picture("a.png"), new File(["a.png,70"], "labels.csv")]);
  expect(page.value.notice).toMatchObject({ tone: "error", text: expect.stringMatching(/label 70 is out of range/) });
  expect(page.value.pictures).toHaveLength(2);
});
