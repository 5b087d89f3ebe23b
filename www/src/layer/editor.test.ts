import { beforeEach, expect, it } from "vitest";
import type { LayerDetail, ShiftRule } from "../engine/types";
import { store, Store } from "../state";
import { ShiftEditor } from "./editor";

/** Quantizes when it is told to, and remembers what for. */
class Page {
  readonly quantized: unknown[] = [];
  #finish: (() => void)[] = [];
  held = false;

  shiftsBy(rule: ShiftRule): Promise<number[] | null> {
    return Promise.resolve(rule === "ceil" ? [1, 2, 3] : null);
  }

  async requantizeShifts(): Promise<void> {
    this.quantized.push(page.value.edits.present[5]?.shifts ?? null);
    if (this.held) await new Promise<void>((resolve) => this.#finish.push(resolve));
  }

  release(): void {
    this.held = false;
    for (const finish of this.#finish) finish();
  }
}

let page: Store;
let engine: Page;
let editor: ShiftEditor;
const shifts = () => page.value.edits.present[5]?.shifts;

beforeEach(() => {
  page = new Store(store.value);
  page.set({ node: 5, layers: { "shift-wise": { node: 5, shifts: [0, 4, 2] } as unknown as LayerDetail } });
  engine = new Page();
  editor = new ShiftEditor(engine, page);
});

it("sets one shift and leaves the others, within the bits there are", async () => {
  await editor.setShift(1, 5);
  expect(shifts()).toEqual([0, 5, 2]);
  await editor.setShift(2, 99);
  expect(shifts()).toEqual([0, 5, 15]);
  await editor.setShift(0, -1);
  await editor.setShift(7, 1);
  expect(engine.quantized).toHaveLength(2);
});

it("leaves out what was overtaken while the engine was busy", async () => {
  engine.held = true;
  const first = editor.setShift(0, 1);
  await editor.setShift(0, 2);
  await editor.setShift(0, 3);
  engine.release();
  await first;
  expect(engine.quantized).toEqual([
    [1, 4, 2],
    [3, 4, 2],
  ]);
});

it("undoes a drag as a whole, does it again, and resets to the rule", async () => {
  await editor.setShift(0, 1, "drag");
  await editor.setShift(0, 2, "drag");
  await editor.undo();
  expect(shifts()).toBeUndefined();
  await editor.redo();
  expect(shifts()).toEqual([2, 4, 2]);
  await editor.reset();
  expect(shifts()).toBeUndefined();
  await editor.undo();
  expect(engine.quantized.at(-1)).toEqual([2, 4, 2]);
});

it("applies a rule, and takes the method's own for no edit at all", async () => {
  await editor.applyRule("ceil");
  expect(page.value.edits.present[5]).toEqual({ rule: "ceil", shifts: [1, 2, 3] });
  await editor.applyRule("nearest");
  expect(shifts()).toEqual([1, 2, 3]);
  await editor.applyRule("floor");
  expect(page.value.edits.present).toEqual({});
});
