import { expect, it } from "vitest";
import { poolSize } from "./pool-size";

const MIB = 2 ** 20;

it("takes every core up to four, where there is work for them", () => {
  expect(poolSize({ cores: 2, memory: 8 }, MIB, 1000)).toBe(2);
  expect(poolSize({ cores: 16, memory: 8 }, MIB, 1000)).toBe(4);
  expect(poolSize({ cores: 16, memory: 8 }, MIB, 1)).toBe(1);
});

it("takes fewer for a model that would fill the memory, but always one", () => {
  const sizes = [1, 14, 50, 100, 256].map((mib) => poolSize({ cores: 8, memory: 2 }, mib * MIB, 1000));
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes[0]).toBe(4);
  expect(sizes.at(-1)).toBe(1);
  expect(poolSize({ cores: 8, memory: undefined }, 100 * MIB, 1000)).toBeLessThan(4);
});
