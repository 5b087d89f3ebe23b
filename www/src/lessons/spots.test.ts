import { expect, it } from "vitest";
import { text } from "../strings";
import type { StepWords } from "../strings/lessons";
import { LESSONS, stepAt, stepOf } from "./lessons";
import { formatSpot, LESSON_IDS, parseSpot } from "./spots";

it("brings back every step from the address, and nothing else", () => {
  for (const id of LESSON_IDS) {
    for (const step of LESSONS[id].keys()) expect(parseSpot(formatSpot({ id, step }))).toEqual({ id, step });
  }
  for (const wrong of [null, "", "bit", "bits.0", "bits.x", "bits.-1", "bits.100"]) expect(parseSpot(wrong)).toBeNull();
});

it("is the last step where an address names one beyond it", () => {
  const spot = parseSpot("bits.99");
  expect(spot && stepOf(spot)).toBe(LESSONS.bits.length - 1);
  expect(spot && stepAt(spot)).toBe(LESSONS.bits.at(-1));
});

it("has a task and what is found for exactly those steps that can be done", () => {
  for (const id of LESSON_IDS) {
    const words: readonly StepWords[] = text.lessons.courses[id].steps;
    const doable = LESSONS[id].map((step) => "isDone" in step);
    expect(words.map(({ task }) => task !== undefined)).toEqual(doable);
    expect(words.map(({ found }) => found !== undefined)).toEqual(doable);
  }
});
