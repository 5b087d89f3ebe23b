import { expect, it } from "vitest";
import { secondsLeft } from "./remaining";

const left = (done: number, total: number, elapsed: number) =>
  secondsLeft({ done, total, what: "" }, 1000, 1000 + elapsed);

it("goes on at the rate so far", () => {
  expect(left(10, 40, 5000)).toBe(15);
  expect(left(1, 200, 1000)).toBe(199);
});

it("says nothing while there is no telling, or little left", () => {
  expect(left(0, 40, 5000)).toBeNull();
  expect(left(3, 0, 5000)).toBeNull();
  expect(left(10, 40, 100)).toBeNull();
  expect(left(39, 40, 5000)).toBeNull();
  expect(left(40, 40, 5000)).toBeNull();
});
