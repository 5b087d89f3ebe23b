import { expect, it } from "vitest";
import { layerStep, neighbour } from "./keys";

const press = (target: Element, init: KeyboardEventInit) => {
  let step: ReturnType<typeof layerStep> = null;
  target.addEventListener("keydown", (event) => (step = layerStep(event as KeyboardEvent)), { once: true });
  target.dispatchEvent(new KeyboardEvent("keydown", init));
  return step;
};

it("takes page keys, unless something else wants them", () => {
  const place = document.createElement("div");
  expect(press(place, { key: "PageDown" })).toBe(1);
  expect(press(place, { key: "PageUp" })).toBe(-1);
  expect(press(place, { key: "ArrowDown" })).toBeNull();
  expect(press(place, { key: "PageDown", ctrlKey: true })).toBeNull();
  expect(press(document.createElement("select"), { key: "PageDown" })).toBeNull();
  place.className = "scroll";
  expect(press(place, { key: "PageDown" })).toBeNull();
});

it("goes to the nearest layer with weights, from nodes without any too", () => {
  const layers = [1, 2, 5];
  expect(neighbour(layers, 2, 1)).toBe(5);
  expect(neighbour(layers, 2, -1)).toBe(1);
  expect(neighbour(layers, 3, 1)).toBe(5);
  expect(neighbour(layers, 3, -1)).toBe(2);
  expect(neighbour(layers, 5, 1)).toBeUndefined();
  expect(neighbour(layers, null, 1)).toBe(1);
});
