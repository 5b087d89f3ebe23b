import { expect, it, vi } from "vitest";
import { store, Store } from "../state";
import { parsePlace, type Place } from "../url";
import { Course } from "./course";
import { LESSONS } from "./lessons";

function school() {
  const page = new Store(store.value);
  const opened: Place[] = [];
  const openPlace = (place: Place) => {
    opened.push(place);
    page.set({ lesson: place.lesson, knobs: place.knobs });
    return Promise.resolve();
  };
  return { page, opened, course: new Course({ openPlace }, page) };
}

it("begins each lesson with the page as it came, and goes on to the next one at its end", async () => {
  const { page, opened, course } = school();
  page.set({ knobs: { ...page.value.knobs, weightBits: 3 } });
  await course.start("ruler");
  expect(opened).toEqual([{ ...parsePlace(""), lesson: { id: "ruler", step: 0 } }]);
  await course.go(-1);
  expect(page.value.lesson).toEqual({ id: "ruler", step: 0 });
  for (let step = 1; step < LESSONS.ruler.length; step++) {
    await course.go(1);
    expect(page.value.lesson).toEqual({ id: "ruler", step });
  }
  expect(opened).toHaveLength(1);
  await course.go(1);
  expect(page.value.lesson).toEqual({ id: "bits", step: 0 });
});

it("leaves a model of the person's own alone", async () => {
  const { page, opened, course } = school();
  const open = vi.spyOn(window, "open").mockReturnValue(null);
  page.set({ bundled: false });
  await course.start("cause");
  expect(opened).toEqual([]);
  const [address = ""] = open.mock.calls[0] ?? [];
  expect(parsePlace(String(address))).toEqual({ ...parsePlace(""), lesson: { id: "cause", step: 0 } });
  open.mockRestore();
});

it("ends after the last lesson, wherever an address said that a person is", async () => {
  const { page, course } = school();
  page.set({ lesson: { id: "datapath", step: 80 } });
  await course.go(-1);
  expect(page.value.lesson).toEqual({ id: "datapath", step: LESSONS.datapath.length - 2 });
  await course.go(1);
  await course.go(1);
  expect(page.value.lesson).toBeNull();
  expect(course.isDone).toBeNull();
});

it("tells whether the task of a step is done", async () => {
  const { page, course } = school();
  await course.start("ruler");
  expect(course.isDone).toBeNull();
  page.set({ lesson: { id: "ruler", step: LESSONS.ruler.length - 1 } });
  expect(course.isDone).toBe(false);
  page.set({ knobs: { ...page.value.knobs, shiftBits: 0 } });
  expect(course.isDone).toBe(true);
});
