import { expect, it } from "vitest";
import { secondsLeft } from "./remaining";

const left = (done: number, total: number, elapsed: number, from = 0) =>
  secondsLeft({ done, total, since: 1000, from }, 1000 + elapsed);

it("goes on at the rate so far", () => {
  expect(left(10, 40, 5000)).toBe(15);
  expect(left(1, 200, 1000)).toBe(199);
  // What was done before counts for nothing.
  expect(left(110, 200, 5000, 100)).toBe(45);
});

it("says nothing while there is no telling, or little left", () => {
  expect(left(0, 40, 5000)).toBeNull();
  expect(left(20, 40, 5000, 20)).toBeNull();
  expect(left(3, 0, 5000)).toBeNull();
  expect(left(10, 40, 100)).toBeNull();
  expect(left(39, 40, 5000)).toBeNull();
  expect(left(40, 40, 5000)).toBeNull();
});
