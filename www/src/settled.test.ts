import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Settled } from "./settled";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("passes on a value that is told again and again, and no value that was replaced", () => {
  const passed: string[] = [];
  const settled = new Settled<string>((value) => passed.push(value), 300);
  settled.next("a");
  vi.advanceTimersByTime(299);
  for (let i = 0; i < 10; i++) {
    settled.next("b");
    vi.advanceTimersByTime(100);
  }
  expect(passed).toEqual(["b"]);
});

it("passes a value on again when another one has been there meanwhile, and nothing when it is cancelled", () => {
  const passed: string[] = [];
  const settled = new Settled<string>((value) => passed.push(value), 300);
  for (const value of ["a", "b", "a"]) {
    settled.next(value);
    vi.advanceTimersByTime(300);
  }
  settled.next("c");
  settled.cancel();
  vi.advanceTimersByTime(300);
  expect(passed).toEqual(["a", "b", "a"]);
});
