/** Which lesson is open, where in it a person is, and what they have found out since they opened it. */

import type { Playground } from "../playground";
import type { Store } from "../state";
import { formatPlace, parsePlace } from "../url";
import { LESSONS, stepAt, stepOf } from "./lessons";
import { LESSON_IDS, type LessonId } from "./spots";
import { trialOf, withTrial, type Trial } from "./trials";

export class Course {
  readonly #playground: Pick<Playground, "openPlace">;
  readonly #store: Store;
  #trials: readonly Trial[] = [];
  #open: LessonId | null = null;

  constructor(playground: Pick<Playground, "openPlace">, store: Store) {
    this.#playground = playground;
    this.#store = store;
    store.subscribe(() => this.#observe());
  }

  /**
   * Every lesson begins with the bundled model as it came, whatever has been done to it. A model of the person's own stays
   * where it is: the lesson gets a window of its own then.
   */
  async start(id: LessonId): Promise<void> {
    const place = { ...parsePlace(""), lesson: { id, step: 0 } };
    if (this.#store.value.bundled) await this.#playground.openPlace(place);
    else window.open(formatPlace(place), "_blank", "noopener");
  }

  /** A step forward or back; beyond the last step the next lesson begins, and after the last lesson none. */
  async go(by: 1 | -1): Promise<void> {
    const { lesson } = this.#store.value;
    if (!lesson) return;
    const step = stepOf(lesson) + by;
    if (step < LESSONS[lesson.id].length) {
      this.#store.set({ lesson: { id: lesson.id, step: Math.max(0, step) } });
      return;
    }
    const next = this.next;
    if (next) await this.start(next);
    else this.leave();
  }

  leave(): void {
    this.#store.set({ lesson: null });
  }

  /** What has been found out in this lesson. */
  get trials(): readonly Trial[] {
    return this.#trials;
  }

  /** Whether the task of this step is done; null where there is none. */
  get isDone(): boolean | null {
    const { lesson } = this.#store.value;
    return (lesson && stepAt(lesson).isDone?.(this.#store.value, this.#trials)) ?? null;
  }

  /** The lesson after the open one. */
  get next(): LessonId | null {
    const { lesson } = this.#store.value;
    return (lesson && LESSON_IDS[LESSON_IDS.indexOf(lesson.id) + 1]) ?? null;
  }

  #observe(): void {
    const { lesson } = this.#store.value;
    if (this.#open !== (lesson?.id ?? null)) {
      this.#open = lesson?.id ?? null;
      this.#trials = [];
    }
    if (!lesson) return;
    const trial = trialOf(this.#store.value);
    if (trial) this.#trials = withTrial(this.#trials, trial);
  }
}
