import { expect, it } from "vitest";
import { begin, change, redo, undo } from "./history";

it("goes back and forth, and forgets what was undone once something else is done", () => {
  const history = change(change(begin(1), 2), 3);
  expect(undo(history).present).toBe(2);
  expect(redo(undo(history)).present).toBe(3);
  const other = change(undo(history), 9);
  expect(redo(other).present).toBe(9);
  expect(undo(undo(other)).present).toBe(1);
});

it("stays at either end", () => {
  const start = begin("a");
  expect(undo(start)).toBe(start);
  expect(redo(start)).toBe(start);
});

it("undoes a whole gesture, but not two of the same kind", () => {
  const once = change(change(begin(0), 1, "drag 1"), 2, "drag 1");
  expect(undo(once).present).toBe(0);
  const twice = change(once, 3, "drag 2");
  expect(undo(twice).present).toBe(2);
  expect(undo(change(undo(twice), 7, "drag 2")).present).toBe(2);
});
