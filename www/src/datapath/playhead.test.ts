import { describe, expect, it } from "vitest";
import { end, fromSlider, momentOf, nextOnPlay, SLIDER_MAX, toSlider } from "./playhead";

describe("playhead", () => {
  const course = { taps: 9, blocks: 6 };

  it("adds every product, then does every block", () => {
    expect(momentOf(0, course)).toEqual({ added: 0, done: 0 });
    expect(momentOf(9, course)).toEqual({ added: 9, done: 0 });
    expect(momentOf(11, course)).toEqual({ added: 9, done: 2 });
    expect(momentOf(99, course)).toEqual({ added: 9, done: 6 });
    expect(momentOf(-3, course)).toEqual({ added: 0, done: 0 });
  });

  it("has a place on the slider for every step, however many products there are", () => {
    for (const taps of [1, 9, 500]) {
      const one = { taps, blocks: 6 };
      const places = Array.from({ length: end(one) + 1 }, (_, frame) => toSlider(frame, one));
      expect(places[0]).toBe(0);
      expect(places.at(-1)).toBe(SLIDER_MAX);
      expect([...places].sort((a, b) => a - b)).toEqual(places);
      expect(places.map((place) => fromSlider(place, one))).toEqual(places.map((_, frame) => frame));
    }
  });

  it("gives the blocks their share of the slider after thousands of products", () => {
    expect(toSlider(4608, { taps: 4608, blocks: 6 })).toBeLessThan(SLIDER_MAX * 0.8);
  });

  it("plays to the end, over few products one by one and over many in leaps", () => {
    const visited = (one: typeof course) => {
      const frames = [0];
      while ((frames.at(-1) ?? 0) < end(one)) frames.push(nextOnPlay(frames.at(-1) ?? 0, one));
      return frames;
    };
    expect(visited(course)).toHaveLength(16);
    const many = visited({ taps: 4608, blocks: 6 });
    expect(many.length).toBeLessThan(40);
    // It never leaps over the end of the sum.
    expect(many).toContain(4608);
  });
});
