import type { ReactiveControllerHost } from "lit";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { EngineError } from "../engine/errors";
import type { ModelReport, Prediction, Scheme, SchemeReport } from "../engine/types";
import { store, Store } from "../state";
import { npu } from "./testing";
import { Tracer } from "./tracer";

const host = { addController: () => {}, requestUpdate: () => {} } as unknown as ReactiveControllerHost;
const prediction = (scheme: Scheme) => ({ scheme }) as unknown as Prediction;
const report = () =>
  ({
    options: { activation_bits: 8, profile: { accumulator_bits: 32, bias_bits: 32, multiplier_bits: 16 } },
  }) as unknown as SchemeReport;

const model = {
  nodes: [
    { index: 0, shape: [1, 8, 6, 4], channels: 4 },
    { index: 1, shape: [1, 8, 6, 4] },
    { index: 2, shape: [1, 4, 3, 4], channels: 4 },
  ],
} as unknown as ModelReport;

const schemes = () => ({ "layer-wise": report(), "shift-wise": report(), "channel-wise": report() });
const answers = () => ({
  float: prediction("float"),
  "layer-wise": prediction("layer-wise"),
  "shift-wise": prediction("shift-wise"),
  "channel-wise": prediction("channel-wise"),
});

let page: Store;
let log: string[];
let tracer: Tracer;
const engine = {
  trace: vi.fn((scheme: Scheme, node: number, position: readonly number[]) => {
    log.push(`${scheme} ${node} ${position.join()}`);
    return Promise.resolve(npu);
  }),
  traceJson: () => Promise.resolve("{}"),
};

beforeEach(() => {
  page = new Store({ ...store.value, model, node: 0, channel: 3, reports: schemes(), predictions: answers() });
  log = [];
  tracer = new Tracer(host, engine, page);
  tracer.hostConnected();
});

const settled = () => vi.waitFor(() => expect(tracer.lanes).toHaveLength(2));

describe("tracer", () => {
  it("follows the selected channel at the picture's centre under two schemes", async () => {
    await settled();
    expect(log).toEqual(["shift-wise 0 4,3,3", "layer-wise 0 4,3,3"]);
    expect(tracer.lanes[0]).toMatchObject({ scheme: "shift-wise", activationMax: 255, widths: { accumulator: 32 } });
  });

  it("asks again only when something that matters has changed", async () => {
    await settled();
    page.set({ theme: "dark" });
    expect(log).toHaveLength(2);
    page.set({ channel: 1 });
    page.set({ predictions: answers() });
    await vi.waitFor(() => expect(log.at(-1)).toBe("layer-wise 0 4,3,1"));
  });

  it("follows the pixel of the page's, wherever that lies in the layer at hand", async () => {
    page.set({ pixel: [0.95, 0.1] });
    await vi.waitFor(() => expect(log.at(-1)).toBe("layer-wise 0 7,0,3"));
    page.set({ node: 2 });
    expect(tracer.pixel).toEqual({ row: 3, column: 0 });
    await settled();
  });

  it("shows nothing for a node without weights, or before there is a picture", async () => {
    await settled();
    page.set({ node: 1 });
    await vi.waitFor(() => expect(tracer.lanes).toEqual([]));
    expect(tracer.grid).toBeNull();
    page.set({ node: 0, predictions: {} });
    await vi.waitFor(() => expect(tracer.lanes).toEqual([]));
  });

  it("lets two schemes change places rather than show one twice", () => {
    tracer.setScheme(0, "layer-wise");
    expect(tracer.schemes).toEqual(["layer-wise", "shift-wise"]);
    tracer.setScheme(1, "channel-wise");
    expect(tracer.schemes).toEqual(["layer-wise", "channel-wise"]);
    tracer.setScheme(1, "layer-wise");
    expect(tracer.schemes).toEqual(["channel-wise", "layer-wise"]);
  });

  it("says what went wrong and goes on with the next number", async () => {
    await settled();
    engine.trace.mockRejectedValueOnce(EngineError.of("bad-option", "no such row", "count from 0"));
    page.set({ pixel: [0, 0] });
    await vi.waitFor(() => expect(tracer.problem).toBe("no such row; count from 0"));
    page.set({ pixel: [1, 1] });
    await vi.waitFor(() => expect(log.at(-1)).toBe("layer-wise 0 7,5,3"));
    expect(tracer.problem).toBeNull();
  });

  it("can be stopped while it takes long", async () => {
    await settled();
    vi.useFakeTimers();
    engine.trace.mockReturnValueOnce(new Promise(() => {}));
    page.set({ pixel: [0, 0] });
    await vi.advanceTimersByTimeAsync(400);
    expect(tracer.slow).toBe(true);
    tracer.cancel();
    vi.useRealTimers();
    expect(tracer).toMatchObject({ slow: false, cancelled: true });
    expect(tracer.lanes).toHaveLength(2);
  });
});
