import { expect, it } from "vitest";
import { Pointed } from "./pointed";

function pointed() {
  let updates = 0;
  const host = {
    addController: () => {},
    removeController: () => {},
    requestUpdate: () => void updates++,
    updateComplete: Promise.resolve(true),
  };
  return { it: new Pointed<{ x: number }>(host), updates: () => updates };
}

it("shows what the pointer is over, and the pin again when it has left", () => {
  const { it: place } = pointed();
  place.pin({ x: 1 });
  place.hover({ x: 2 });
  expect(place.at).toEqual({ x: 2 });
  place.hover(null);
  expect(place.at).toEqual({ x: 1 });
});

it("moves the pin although the pointer rests elsewhere", () => {
  const { it: place } = pointed();
  place.hover({ x: 2 });
  place.pin({ x: 3 });
  expect(place.at).toEqual({ x: 3 });
});

it("lets go at Escape, which then means nothing else; without anything to let go of it is left to others", () => {
  const { it: place, updates } = pointed();
  const escape = () => new KeyboardEvent("keydown", { key: "Escape", cancelable: true });
  place.pin({ x: 1 });
  expect(place.onEscape(new KeyboardEvent("keydown", { key: "Enter" }))).toBe(false);
  expect(place.at).toEqual({ x: 1 });
  const used = escape();
  expect(place.onEscape(used)).toBe(true);
  expect(used.defaultPrevented).toBe(true);
  expect(place.at).toBeNull();
  const before = updates();
  const left = escape();
  expect(place.onEscape(left)).toBe(false);
  expect(left.defaultPrevented).toBe(false);
  expect(updates()).toBe(before);
});

it("lets go of what is not there any more", () => {
  const { it: place } = pointed();
  place.pin({ x: 1 });
  place.hover({ x: 9 });
  place.keep(({ x }) => x < 5);
  expect(place.at).toEqual({ x: 1 });
});
