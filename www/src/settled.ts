/** Passes a value on once it has been the same for a while, however often it is told meanwhile. */

export class Settled<T> {
  readonly #pass: (value: T) => void;
  readonly #delay: number;
  #coming: { value: T } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `delay` in milliseconds. */
  constructor(pass: (value: T) => void, delay: number) {
    this.#pass = pass;
    this.#delay = delay;
  }

  /** Only another value than the last one starts the wait again. */
  next(value: T): void {
    if (this.#coming?.value === value) return;
    this.cancel();
    this.#coming = { value };
    this.#timer = setTimeout(() => this.#pass(value), this.#delay);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#coming = undefined;
  }
}
