/** A value with its past and what was undone of it. Immutable: every change is a new history. */

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Names the gesture that made the present: more changes of the same gesture take its place. */
  readonly gesture: string | null;
}

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], gesture: null };
}

/** The next value. Changes of one gesture (a drag) are undone together. */
export function change<T>(history: History<T>, present: T, gesture: string | null = null): History<T> {
  const continued = gesture !== null && gesture === history.gesture;
  return { past: continued ? history.past : [...history.past, history.present], present, future: [], gesture };
}

export function undo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  if (past.length === 0) return history;
  return { past: past.slice(0, -1), present: past[past.length - 1] as T, future: [present, ...future], gesture: null };
}

export function redo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  if (future.length === 0) return history;
  return { past: [...past, present], present: future[0] as T, future: future.slice(1), gesture: null };
}
