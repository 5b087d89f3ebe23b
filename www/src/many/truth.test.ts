import { expect, it } from "vitest";
import { truthOf } from "./truth";

const digits = { count: 10, names: [] };
const animals = { count: 3, names: ["cat", "great white shark", "dog, wet"] };

it("takes one folder for each class, inside of a folder or not, by number or name", () => {
  expect(truthOf(["digits/7/a.png", "digits/2/b.png"], null, digits)).toEqual([7, 2]);
  expect(truthOf(["7/a.png", "2/b.png"], null, digits)).toEqual([7, 2]);
  expect(truthOf(["cat/a.png", "great white shark/b.png"], null, animals)).toEqual([0, 1]);
});

it("takes no label from a folder that holds pictures itself, nor from folders that are called like no class", () => {
  expect(truthOf(["7/a.png", "7/b.png"], null, digits)).toEqual([null, null]);
  expect(truthOf(["digits/a.png", "digits/7/b.png"], null, digits)).toEqual([null, null]);
  expect(truthOf(["holiday/monday/a.png", "holiday/tuesday/b.png"], null, digits)).toEqual([null, null]);
  expect(truthOf(["a.png"], null, digits)).toEqual([null]);
});

it("names the folder that is no class among others that are", () => {
  expect(() => truthOf(["set/7/a.png", "set/12/b.png"], null, digits)).toThrow(/label 12 is out of range.*10 classes/);
  expect(() => truthOf(["cat/a.png", "cow/b.png"], null, animals)).toThrow(/'cow' is neither a class number nor/);
});

it("reads labels.csv relative to its folder; pictures that it does not name have no label", () => {
  const text = 'file,label\na.png,3\r\n\n sub/b.png , 4\n"c, d.png","5"\n';
  const paths = ["set/a.png", "set/sub/b.png", "set/c, d.png", "set/e.png"];
  expect(truthOf(paths, { path: "set/labels.csv", text }, digits)).toEqual([3, 4, 5, null]);
  expect(truthOf(["a.png"], { path: "labels.csv", text: '\uFEFFa.png,"dog, wet"' }, animals)).toEqual([2]);
});

it("says which line of labels.csv is wrong", () => {
  const read = (text: string) => () => truthOf(["a.png"], { path: "labels.csv", text }, digits);
  expect(read("file,label\na.png")).toThrow(/^labels.csv line 2: 'a.png' is not of the form file,label/);
  expect(read("b.png,1")).toThrow(/line 1: there is no picture 'b.png'/);
  expect(read("a.png,10")).toThrow(/label 10 is out of range/);
  expect(read("a.png,three")).toThrow(/'three' is neither/);
  for (const line of ["a.png,", ",3", "a.png,3,4", '"a.png,3', 'a"b,3']) expect(read(line)).toThrow(/not of the form/);
});
