/**
 * Changes the shifts of layers, with undo and redo. What is set is shown at once; quantizing follows as fast as it can,
 * and leaves out what was overtaken meanwhile.
 */

import type { ShiftRule } from "../engine/types";
import type { Store } from "../state";
import { RULES, withEdit, type ShiftEdits } from "./edits";
import { change, redo, undo, type History } from "./history";

/** What the editor needs of the page. */
export interface Quantizer {
  shiftsBy(rule: ShiftRule, node: number): Promise<number[] | null>;
  requantizeShifts(): Promise<void>;
}

export class ShiftEditor {
  readonly #page: Quantizer;
  readonly #store: Store;
  #quantized: ShiftEdits = {};
  #working = false;

  constructor(page: Quantizer, store: Store) {
    this.#page = page;
    this.#store = store;
  }

  /** One channel's shift; the others stay. A drag names itself, so that it is undone as a whole. */
  setShift(channel: number, shift: number, gesture: string | null = null): Promise<void> {
    const { node, layers, knobs, edits } = this.#store.value;
    const current = layers["shift-wise"];
    if (node === null || current?.node !== node || channel >= current.shifts.length) return Promise.resolve();
    const shifts = [...(edits.present[node]?.shifts ?? current.shifts)];
    const next = Math.max(0, Math.min(2 ** knobs.shiftBits - 1, shift));
    if (shifts[channel] === next) return Promise.resolve();
    shifts[channel] = next;
    return this.#set(change(edits, withEdit(edits.present, node, { rule: null, shifts }), gesture));
  }

  /** All shifts of the selected layer. */
  async applyRule(rule: ShiftRule): Promise<void> {
    const { node } = this.#store.value;
    if (node === null) return;
    const shifts = rule === RULES[0] ? null : await this.#page.shiftsBy(rule, node);
    if (rule !== RULES[0] && !shifts) return;
    const { edits } = this.#store.value;
    await this.#set(change(edits, withEdit(edits.present, node, shifts && { rule, shifts })));
  }

  undo(): Promise<void> {
    return this.#set(undo(this.#store.value.edits));
  }

  redo(): Promise<void> {
    return this.#set(redo(this.#store.value.edits));
  }

  /** All layers by N2's rule again; this, too, can be undone. */
  reset(): Promise<void> {
    return this.#set(change(this.#store.value.edits, {}));
  }

  async #set(edits: History<ShiftEdits>): Promise<void> {
    if (edits === this.#store.value.edits) return;
    this.#store.set({ edits });
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#quantized !== this.#store.value.edits.present) {
        this.#quantized = this.#store.value.edits.present;
        await this.#page.requantizeShifts();
      }
    } finally {
      this.#working = false;
    }
  }
}
