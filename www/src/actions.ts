/** Runs what the page does: one action at a time in each slot, with progress, a way out, and one sentence when it fails. */

import { isAbort, messageOf } from "./engine/errors";
import type { CallOptions, Progress } from "./engine/types";
import type { Latest } from "./latest";
import type { Store } from "./state";
import { text } from "./strings";

/** How long a person waits without asking. */
const PATIENCE_MS = 300;

export type Task = Required<{ [K in keyof CallOptions]: NonNullable<CallOptions[K]> }>;

export class Actions {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Runs an action in its slot, which ends the one before. Its progress is shown once it takes long. */
  async run(slot: Latest, what: string, action: (task: Task) => Promise<void>): Promise<void> {
    const signal = slot.next();
    const begun = performance.now();
    // Each part of an action has a pace of its own.
    let part = { what, since: begun };
    const cancel = () => {
      slot.cancel();
      this.#store.set({ busy: null, notice: { tone: "calm", text: text.cancelled(what) } });
    };
    const onProgress = (progress: Progress) => {
      const now = performance.now();
      if (part.what !== progress.what) part = { what: progress.what, since: now };
      if (signal.aborted || now - begun < PATIENCE_MS) return;
      this.#store.set({ busy: { ...progress, since: part.since, from: 0, cancel } });
    };
    const timer = setTimeout(() => onProgress({ done: 0, total: 0, what }), PATIENCE_MS);
    await this.attempt(() => action({ signal, onProgress }));
    clearTimeout(timer);
    if (this.#store.value.busy?.cancel === cancel) this.#store.set({ busy: null });
  }

  /** What goes wrong becomes the notice, and the page goes on with what it has. */
  async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (thrown) {
      if (!isAbort(thrown)) this.fail(thrown);
    }
  }

  fail(thrown: unknown): void {
    this.#store.set({ notice: { tone: "error", text: messageOf(thrown) } });
  }
}
