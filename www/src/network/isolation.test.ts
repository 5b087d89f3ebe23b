import type { ReactiveControllerHost } from "lit";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { EngineError } from "../engine/errors";
import type { CallOptions, ModelReport, OffBy, Prediction, Scheme, SchemeReport } from "../engine/types";
import type { Picture } from "../pictures";
import { store, Store } from "../state";
import { Isolation } from "./isolation";

const host = { addController: () => {}, requestUpdate: () => {} } as unknown as ReactiveControllerHost;
const model = {
  nodes: [0, 1, 2].map((index) => ({ index, runs_on: index === 2 ? "host-tail" : "npu" })),
} as unknown as ModelReport;
const report = (scheme: Scheme, shift_bits: number) => ({ options: { scheme, shift_bits } }) as unknown as SchemeReport;
const reports = (shift = 4) => ({
  "layer-wise": report("layer-wise", 4),
  "shift-wise": report("shift-wise", shift),
});
const predictions = () => {
  const of = (scheme: Scheme) => ({ scheme }) as unknown as Prediction;
  return { float: of("float"), "layer-wise": of("layer-wise"), "shift-wise": of("shift-wise") };
};
const picture = (id: number) => ({ id }) as unknown as Picture;
const steps: OffBy = [1, 0, 0, 0];

let page: Store;
let log: string[];
/** The call that gets no answer. */
let held: string | undefined;
let isolation: Isolation;

const answer = async <T>(entry: string, value: T, options?: CallOptions): Promise<T> => {
  log.push(entry);
  if (entry !== held) return value;
  return new Promise((_, reject) => options?.signal?.addEventListener("abort", () => reject(options.signal?.reason)));
};
const engine = {
  isolated: vi.fn((scheme: Scheme, node: number, options?: CallOptions) =>
    answer(`${scheme} ${node}`, { sqnr_db: node, off_by: steps }, options),
  ),
  offBy: (scheme: Scheme, options?: CallOptions) => answer(`off ${scheme}`, [steps, steps, null], options),
};

beforeEach(() => {
  log = [];
  held = undefined;
  page = new Store({
    ...store.value,
    model,
    pictures: [picture(7), picture(8)],
    current: 0,
    calibration: { count: 1, own: false },
    reports: reports(),
    predictions: predictions(),
  });
  isolation = new Isolation(host, engine, page);
  isolation.hostConnected();
});

const all = ["layer-wise 0", "shift-wise 0", "layer-wise 1", "shift-wise 1"];
const finished = () => vi.waitFor(() => expect(isolation.found("shift-wise").isolated.size).toBe(2));

/** As the playground does: the picture is named first, its predictions come later. */
function show(current: number): void {
  page.set({ current });
  page.set({ predictions: predictions() });
}

describe("isolation", () => {
  it("computes nothing before it is wanted", () => {
    show(1);
    expect(log).toEqual([]);
  });

  it("goes node by node through what has integers", async () => {
    isolation.want(new Set(["isolated"]));
    await finished();
    expect(log).toEqual(all);
    expect(isolation.found("layer-wise").isolated.get(1)).toEqual({ sqnr_db: 1, off_by: steps });
  });

  it("asks for accumulated steps only where they are wanted", async () => {
    isolation.want(new Set(["accumulated"]));
    await vi.waitFor(() => expect(isolation.found("shift-wise").accumulated).toHaveLength(3));
    expect(log).toEqual(["off layer-wise", "off shift-wise"]);
  });

  it("keeps what it found of a picture and of options", async () => {
    isolation.want(new Set(["isolated"]));
    await finished();
    show(1);
    await finished();
    expect(log).toEqual([...all, ...all]);
    show(0);
    await finished();
    page.set({ knobs: { ...page.value.knobs, shiftBits: 2 } });
    page.set({ reports: reports(2) });
    page.set({ predictions: predictions() });
    await finished();
    // Layer-wise has the options it had.
    expect(log.slice(8)).toEqual(["shift-wise 0", "shift-wise 1"]);
  });

  it("forgets with the calibration", async () => {
    isolation.want(new Set(["isolated"]));
    await finished();
    page.set({ calibration: { count: 2, own: false } });
    page.set({ predictions: predictions() });
    await finished();
    expect(log).toHaveLength(8);
  });

  it("does not mix a picture that is on its way with the one that is shown", async () => {
    held = "layer-wise 0";
    isolation.want(new Set(["isolated"]));
    await vi.waitFor(() => expect(log).toHaveLength(1));
    held = undefined;
    page.set({ current: 1 });
    expect(isolation.found("layer-wise").isolated.size).toBe(0);
    isolation.want(new Set(["isolated", "accumulated"]));
    expect(log).toHaveLength(1);
    page.set({ predictions: predictions() });
    await finished();
  });

  it("stops and goes on where it was", async () => {
    held = "layer-wise 1";
    isolation.want(new Set(["isolated"]));
    await vi.waitFor(() => expect(log).toHaveLength(3));
    isolation.cancel();
    expect(isolation.stopped).toBe(true);
    held = undefined;
    isolation.resume();
    await finished();
    expect(log.slice(3)).toEqual(["layer-wise 1", "shift-wise 1"]);
  });

  it("says what went wrong", async () => {
    engine.isolated.mockRejectedValueOnce(EngineError.of("internal", "no such thing", ""));
    isolation.want(new Set(["isolated"]));
    await vi.waitFor(() => expect(isolation.problem).toBe("no such thing"));
  });
});
