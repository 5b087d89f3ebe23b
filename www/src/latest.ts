/** A place for one task at a time: starting the next one aborts the one before. */

export class Latest {
  #controller: AbortController | undefined;

  /** The signal of a new task. The previous task's signal is aborted. */
  next(): AbortSignal {
    this.cancel();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  cancel(): void {
    this.#controller?.abort();
    this.#controller = undefined;
  }
}
