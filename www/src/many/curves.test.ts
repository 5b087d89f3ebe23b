import { beforeEach, expect, it, vi } from "vitest";
import type { PoolOptions } from "../engine/pool";
import type { Job } from "../engine/pool-worker";
import type { QuantizeOptions, SchemeReport } from "../engine/types";
import { store, Store } from "../state";
import { CurvesController, isCurrent, MOST_PICTURES, settingsOf, shareOf } from "./curves";

const report = (scheme: QuantizeOptions["scheme"]) =>
  ({ options: { scheme, shift_bits: 4, weight_bits: 8 } }) as unknown as SchemeReport;
const reports = {
  "layer-wise": report("layer-wise"),
  "shift-wise": report("shift-wise"),
  "channel-wise": report("channel-wise"),
};
const picture = (id: number) => ({ id, name: "", thumbnail: "", label: 1, pixels: () => Promise.reject(new Error()) });

let page: Store;
beforeEach(() => {
  page = new Store({ ...store.value, reports, pictures: Array.from({ length: 500 }, (_, id) => picture(id)) });
});

/** A pool whose schemes are right where they have more shift bits, or weight bits, than the picture's number modulo 6. */
function fakePool() {
  const seen: Job[] = [];
  let stop = Infinity;
  const score = (jobs: readonly Job[], { signal, onResult }: PoolOptions) => {
    for (const job of jobs) {
      if (seen.push(job) > stop)
        return new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      for (const run of job.runs) {
        const bits = run === "float" ? 9 : run.scheme === "shift-wise" ? run.shift_bits : run.weight_bits;
        onResult(job.id, run, { class: Number(bits > job.id % 6), confidence: 1, tally: undefined });
      }
    }
    return Promise.resolve([]);
  };
  return { score, seen, stopAfter: (n: number) => (stop = n) };
}

const controller = (pool: ReturnType<typeof fakePool>) =>
  new CurvesController({ figure: () => Promise.resolve(1) }, pool, page);

it("varies one number of bits and keeps the other options", () => {
  const runs = settingsOf(reports, { ...page.value.knobs, shiftBits: 3 });
  const shifts = runs.filter(({ axis, run }) => axis === "shiftBits" && run !== "float" && run.scheme === "shift-wise");
  expect(shifts.map(({ bits, run }) => [bits, run !== "float" && run.shift_bits])).toEqual(
    [0, 1, 2, 3, 4, 5].map((bits) => [bits, bits]),
  );
  const weights = runs.filter(
    ({ axis, run }) => axis === "weightBits" && run !== "float" && run.scheme === "shift-wise",
  );
  expect(weights.map(({ run }) => run !== "float" && [run.weight_bits, run.shift_bits])).toEqual(
    [2, 3, 4, 5, 6, 7, 8].map((bits) => [bits, 3]),
  );
});

it("runs what two settings share once, on pictures spread evenly over the set", async () => {
  const pool = fakePool();
  await controller(pool).draw();
  const runs = pool.seen.map(({ id, runs: [run] }) => `${id} ${JSON.stringify(run)}`);
  expect(new Set(runs).size).toBe(runs.length);
  const ids = [...new Set(pool.seen.map(({ id }) => id))];
  expect(ids).toHaveLength(MOST_PICTURES);
  expect(Math.max(...ids.slice(1).map((id, i) => id - (ids[i] ?? 0)))).toBeLessThanOrEqual(3);
});

it("makes a point of every setting", async () => {
  await controller(fakePool()).draw();
  const { curves } = page.value;
  expect(curves).toMatchObject({ progress: null, problem: null, pictures: MOST_PICTURES, labelled: true });
  const shares = curves?.points.shiftBits
    .filter(({ scheme }) => scheme === "shift-wise")
    .map(({ score }) => shareOf(score));
  expect(shares?.[0]).toBe(0);
  expect(shares).toEqual(shares?.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
  expect(curves?.points.weightBits).toHaveLength(4 * 7);
  expect(curves && isCurrent(curves, page.value)).toBe(true);
  page.set({ knobs: { ...page.value.knobs, weightBits: 5 } });
  expect(curves && isCurrent(curves, page.value)).toBe(false);
});

it("keeps what it has when stopped", async () => {
  const pool = fakePool();
  pool.stopAfter(300);
  const curves = controller(pool);
  const drawing = curves.draw();
  await vi.waitFor(() => expect(pool.seen.length).toBeGreaterThan(300));
  curves.cancel();
  await drawing;
  expect(page.value.curves?.progress ?? null).toBeNull();
  pool.stopAfter(Infinity);
  await curves.draw();
  expect(page.value.curves?.points.shiftBits).toHaveLength(4 * 6);
});
