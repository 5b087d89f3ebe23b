import { afterEach, expect, it, vi } from "vitest";
import { EngineError } from "./errors";
import { IDLE_MS, Pool, type PoolOptions } from "./pool";
import type { Job } from "./pool-worker";
import type { Host } from "./session";
import type { Snapshot } from "./snapshot";
import type { Pixels, QuantizeOptions, Scheme } from "./types";

/** A Worker that scores a picture by its first byte, writes down its calls, and can be told to misbehave. */
class FakeWorker implements Host {
  readonly log: string[] = [];
  terminated = false;
  #crash: (detail: string) => void = () => {};

  readonly remote = {
    open: () => this.#do("open"),
    call: (method: string, args: unknown[]) => {
      if (method === "quantize") return this.#do(`quantize ${(args[0] as QuantizeOptions).weight_bits}`);
      if (method !== "score") return this.#do(method);
      const [scheme, id, rgba] = args as [Scheme, number, Uint8Array];
      return this.#do(`score ${scheme} ${id}`, { class: rgba[0], tally: null });
    },
  } as unknown as Host["remote"];

  onCrash(listener: (detail: string) => void): void {
    this.#crash = listener;
  }

  terminate(): void {
    this.terminated = true;
  }

  async #do(entry: string, value?: unknown): Promise<unknown> {
    this.log.push(entry);
    await Promise.resolve();
    if (crashing.some((pattern) => pattern.test(entry))) {
      crashing = crashing.filter((pattern) => !pattern.test(entry) || pattern.global);
      this.#crash("unreachable");
      return new Promise(() => {});
    }
    await held;
    return value;
  }
}

let workers: FakeWorker[] = [];
/** Calls that bring down their Worker: once each, or always where the pattern is global. */
let crashing: RegExp[] = [];
let held: Promise<void> = Promise.resolve();

afterEach(() => {
  [workers, crashing, held] = [[], [], Promise.resolve()];
  vi.useRealTimers();
});

const snapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  model: new Uint8Array(8),
  manifest: undefined,
  settings: [],
  unbalance: 1,
  calibration: new Uint8Array(1),
  ...change,
});
const eight = { scheme: "shift-wise", weight_bits: 8 } as QuantizeOptions;

function pool(cores: number, source = { snapshot: () => Promise.resolve<Snapshot | undefined>(state) }): Pool {
  const start = () => {
    const next = new FakeWorker();
    workers.push(next);
    return next;
  };
  return new Pool(source, start, () => ({ cores, memory: 8 }));
}
const state = snapshot();

function job(id: number, runs: Job["runs"] = ["float", eight]): Job {
  const pixels: Pixels = { rgba: new Uint8Array([id % 251, 0, 0, 0]), width: 1, height: 1 };
  return { id, picture: { pixels: () => Promise.resolve(pixels) }, runs };
}
const jobs = (n: number) => Array.from({ length: n }, (_, id) => job(id));

async function run(of: Pool, all: readonly Job[], options: Partial<PoolOptions> = {}) {
  const results = new Map<string, unknown>();
  const onResult: PoolOptions["onResult"] = (id, one, score) =>
    results.set(`${id} ${one === "float" ? one : one.scheme}`, score.class);
  const failures = await of.score(all, { signal: new AbortController().signal, onResult, ...options });
  return { results, failures };
}

it("gives the same results whatever the number of Workers", async () => {
  const sorted = ({ results }: Awaited<ReturnType<typeof run>>) => [...results].sort(([a], [b]) => (a < b ? -1 : 1));
  const one = await run(pool(1), jobs(40));
  expect(workers).toHaveLength(1);
  const three = await run(pool(3), jobs(40));
  expect(workers).toHaveLength(4);
  expect(one.results.size).toBe(80);
  expect(sorted(three)).toEqual(sorted(one));
  for (const worker of workers) expect(worker.log.some((entry) => entry.startsWith("score"))).toBe(true);
});

it("starts no Worker without work, and only as many as the work deserves", async () => {
  const idle = pool(4);
  await run(idle, []);
  expect(workers).toHaveLength(0);
  await run(idle, jobs(3));
  expect(workers).toHaveLength(1);
});

it("brings a Worker to the engine's state once, and then to what differs", async () => {
  let now = snapshot({ settings: [async (session) => void (await session.call("set_labels", [[]]))] });
  const one = pool(1, { snapshot: () => Promise.resolve(now) });
  await run(one, jobs(2));
  const { log } = workers[0] as FakeWorker;
  expect(log.slice(0, 4)).toEqual(["open", "set_labels", "set_calibration_state", "score float 0"]);
  expect(log.filter((entry) => entry === "quantize 8")).toHaveLength(1);

  log.length = 0;
  await run(one, [job(5, [{ ...eight, weight_bits: 4 }])]);
  expect(log).toEqual(["quantize 4", "score shift-wise 5"]);

  log.length = 0;
  now = { ...now, calibration: new Uint8Array(1) };
  await run(one, [job(5)]);
  expect(log).toEqual(["set_calibration_state", "score float 5", "quantize 8", "score shift-wise 5"]);

  log.length = 0;
  now = { ...now, unbalance: 0.5 };
  await run(one, [job(5, ["float"])]);
  expect(log).toEqual(["open", "set_labels", "set_unbalance", "set_calibration_state", "score float 5"]);
});

it("tries a picture that brought down its Worker once more, on a fresh one", async () => {
  crashing = [/score shift-wise 3$/];
  const { results, failures } = await run(pool(1), jobs(6));
  expect(failures).toEqual([]);
  expect(results.size).toBe(12);
  expect(workers).toHaveLength(2);
  expect(workers[0]?.terminated).toBe(true);
});

it("reports a picture that brings down every Worker, and counts the others", async () => {
  crashing = [/score float 3$/g];
  const { results, failures } = await run(pool(2), jobs(20));
  expect(failures).toMatchObject([{ id: 3, error: { code: "worker-crashed" } }]);
  expect(results.size).toBe(38);
});

it("reports a picture that cannot be decoded without trying again", async () => {
  const broken = { ...job(1), picture: { pixels: () => Promise.reject(EngineError.of("bad-image", "broken", "")) } };
  const { failures, results } = await run(pool(1), [job(0), broken, job(2)]);
  expect(failures).toMatchObject([{ id: 1, error: { code: "bad-image" } }]);
  expect(results.size).toBe(4);
  expect(workers).toHaveLength(1);
});

it("gives up when no Worker can be brought to the state, instead of trying it for every picture", async () => {
  crashing = [/^open$/g];
  await expect(run(pool(1), jobs(50))).rejects.toMatchObject({ code: "worker-crashed" });
  expect(workers.length).toBeLessThanOrEqual(2);
});

it("stops at once when aborted, and can be used again", async () => {
  const one = pool(1);
  const controller = new AbortController();
  let release = () => {};
  held = new Promise((resolve) => (release = resolve));
  const running = run(one, jobs(20), { signal: controller.signal });
  await vi.waitFor(() => expect(workers[0]?.log).toContain("open"));
  controller.abort();
  await expect(running).rejects.toMatchObject({ name: "AbortError" });
  release();
  const { results } = await run(one, jobs(2));
  expect(results.size).toBe(4);
  expect(workers).toHaveLength(1);
  expect(workers[0]?.log.filter((entry) => entry.startsWith("score"))).toHaveLength(4);
});

it("does what somebody waits for before the background", async () => {
  let release = () => {};
  held = new Promise((resolve) => (release = resolve));
  const one = pool(1);
  const background = run(one, jobs(30), { background: true });
  await vi.waitFor(() => expect(workers[0]?.log).toContain("open"));
  const urgent = run(one, [job(100)]);
  release();
  expect((await urgent).results.size).toBe(2);
  expect((await background).results.size).toBe(60);
  const order = workers[0]?.log.filter((entry) => entry.startsWith("score float"));
  expect(order?.indexOf("score float 100")).toBeLessThan(3);
});

it("releases idle Workers after a while, and starts new ones for new work", async () => {
  vi.useFakeTimers();
  const two = pool(2);
  await run(two, jobs(20));
  expect(workers.map(({ terminated }) => terminated)).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(IDLE_MS);
  expect(workers.map(({ terminated }) => terminated)).toEqual([true, true]);
  expect((await run(two, jobs(1))).results.size).toBe(2);
  expect(workers).toHaveLength(3);
});
