import { expect, it } from "vitest";
import type { Pool } from "./engine/pool";
import type { ModelReport, PictureScore, SchemeReport } from "./engine/types";
import { Scoring, total } from "./scoring";
import { store, Store } from "./state";

const pictures = [
  { id: 10, label: 3 },
  { id: 11, label: 4 },
  { id: 12, label: null },
  { id: 13, label: 5 },
];

it("counts right answers where the label is known, and agreement with float everywhere", () => {
  const score = (best: number, same: boolean): PictureScore => ({
    class: best,
    confidence: 0.9,
    tally: { metric: "top-1", sums: [Number(same), 1] },
  });
  const known = new Map([
    [10, score(3, true)],
    [11, score(9, false)],
    [12, score(7, true)],
  ]);
  expect(total(known, pictures)).toEqual({
    done: 3,
    total: 4,
    labelled: 2,
    right: 1,
    tally: { metric: "top-1", sums: [2, 3] },
  });
});

it("knows no right answer where a picture has no class", () => {
  const score = (...sums: number[]): PictureScore => ({
    class: undefined,
    confidence: undefined,
    tally: { metric: "f1@0.5", sums },
  });
  const known = new Map([
    [10, score(1, 2, 3)],
    [13, score(4, 5, 6)],
  ]);
  const { done, labelled, tally } = total(known, pictures);
  expect({ done, labelled, tally }).toEqual({ done: 2, labelled: 0, tally: { metric: "f1@0.5", sums: [5, 7, 9] } });
  expect(total(new Map(), pictures)).toMatchObject({ done: 0, tally: null });
});

const tile = (id: number) => ({
  id,
  name: `${id}`,
  thumbnail: "",
  label: 0,
  pixels: () => Promise.reject(new Error()),
});
const right: PictureScore = { class: 0, confidence: 0.9, tally: { metric: "top-1", sums: [1, 1] } };

/** A pool that scores nothing by itself: `answer` scores the next jobs, `finish` all. */
function heldPool() {
  const batches: { left: () => number; answer(jobs: number): void }[] = [];
  const pool: Pick<Pool, "score"> = {
    score: (jobs, { signal, onResult }) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const queue = [...jobs];
        batches.push({
          left: () => queue.length,
          answer: (count) => {
            for (const { id, runs } of queue.splice(0, count)) for (const run of runs) onResult(id, run, right);
            if (queue.length === 0) resolve([]);
          },
        });
      }),
  };
  return { pool, batches };
}

function counting() {
  const page = new Store({
    ...store.value,
    model: { task_problem: null } as unknown as ModelReport,
    pictures: [tile(1), tile(2), tile(3)],
    reports: { "layer-wise": { options: { scheme: "layer-wise" } } as SchemeReport },
  });
  const { pool, batches } = heldPool();
  const scoring = new Scoring({ figure: () => Promise.resolve(1) }, pool, page);
  // Whoever runs it is told of the stop by an abort.
  const run = () => scoring.run().catch(() => {});
  return { page, scoring, batches, run };
}

it("shows what is known when it is stopped, not the figures of before, and goes on from there", async () => {
  const { page, scoring, batches, run } = counting();
  const first = run();
  batches[0]?.answer(3);
  await first;
  expect(page.value.scores["layer-wise"]).toMatchObject({ done: 3, total: 3 });
  scoring.forget(["layer-wise"]);
  void run();
  batches[1]?.answer(1);
  page.value.scoring?.cancel?.();
  await expect.poll(() => page.value.scores["layer-wise"]).toMatchObject({ done: 1, total: 3 });
  expect(page.value).toMatchObject({ scoring: null, scores: { float: { done: 3 } } });
  const resumed = scoring.resume();
  expect(batches[2]?.left()).toBe(2);
  batches[2]?.answer(2);
  await resumed;
  expect(page.value.scores["layer-wise"]).toMatchObject({ done: 3 });
});

it("stays stopped until it is resumed, the schemes change or there are other pictures", async () => {
  const { page, scoring, batches, run } = counting();
  void run();
  await scoring.stop();
  await scoring.run();
  expect(batches).toHaveLength(1);
  page.set({ pictures: [tile(4)] });
  void run();
  expect(batches).toHaveLength(2);
  await scoring.stop();
  scoring.forget(["layer-wise"]);
  void run();
  expect(batches).toHaveLength(3);
});
