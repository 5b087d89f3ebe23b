// @vitest-environment node
import { expect, test } from "vitest";
import { framesOf } from "./trace.mjs";

const PAGE = { pid: 1, tid: 2 };
const begin = (ms, thread = PAGE) => ({ name: "BeginMainThreadFrame", ts: ms * 1e3, ...thread });
const task = (ms, dur, tdur, thread = PAGE) => ({
  name: "RunTask",
  ts: ms * 1e3,
  dur: dur * 1e3,
  tdur: tdur * 1e3,
  ...thread,
});

test("a frame's work is that of the task in which it begins, and of all up to the next one's", () => {
  const events = [
    task(0, 1, 1), // before any frame
    begin(10.1),
    task(10, 4, 3),
    task(20, 2, 1),
    begin(26.2),
    task(26, 8, 8),
    begin(50),
    task(50, 1, 1), // of a frame whose end is not in the trace
  ];
  expect(framesOf(events)).toMatchObject({ clock: [6, 8], cpu: [4, 8] });
});

test("other threads and other pages do not count", () => {
  const [elsewhere, worker] = [
    { pid: 7, tid: 2 },
    { ...PAGE, tid: 3 },
  ];
  const events = [
    begin(0, elsewhere),
    task(0, 9, 9, elsewhere),
    task(1, 9, 9, worker),
    begin(1),
    begin(17),
    task(2, 3, 3),
  ];
  expect(framesOf(events).clock).toEqual([3]);
});

test("what reached the screen is counted between the first frame and the last", () => {
  const events = [0, 500, 1000].map((ms) => begin(ms));
  for (const ms of [-5, 2, 502, 1002]) events.push({ name: "DrawFrame", ts: ms * 1e3, pid: 1, tid: 9 });
  expect(framesOf(events)).toMatchObject({ drawn: 2, seconds: 1 });
});

test("a trace without frames is no measurement", () => {
  expect(() => framesOf([task(0, 1, 1)])).toThrow("no frames");
});
