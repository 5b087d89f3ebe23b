/** Keeps what is given to the page in order: what belongs to something given before waits until that is there. */

export class Arrivals {
  #last: Promise<void> = Promise.resolve();

  /** Runs what takes in something given. It says when that is there, and may go on with it. */
  give(run: (there: () => void) => Promise<void>): Promise<void> {
    let running = this.#last;
    this.#last = new Promise((there) => {
      running = run(there).finally(there);
    });
    return running;
  }

  /** Until all that was given is there, or is known not to come. */
  async all(): Promise<void> {
    for (let seen; seen !== this.#last; await seen) seen = this.#last;
  }
}
