/** Places in the lessons, as the page's address has them: `bits.2`, counted from 1. */

export const LESSON_IDS = ["ruler", "bits", "cause", "weights", "datapath"] as const;

export type LessonId = (typeof LESSON_IDS)[number];

/** A step of a lesson, counted from 0. An address may name one that there is not. */
export interface Spot {
  id: LessonId;
  step: number;
}

export function formatSpot({ id, step }: Spot): string {
  return step === 0 ? id : `${id}.${step + 1}`;
}

export function parseSpot(text: string | null): Spot | null {
  const [name, step = "1"] = text?.split(".") ?? [];
  const id = LESSON_IDS.find((each) => each === name);
  return id && /^[1-9]\d?$/.test(step) ? { id, step: Number(step) - 1 } : null;
}
