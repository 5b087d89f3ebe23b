/** The state of the engine's own Worker, as far as a further one needs it to compute the same. */

import type { Session } from "./session";

/** What was set since the model was opened, to be set again. */
export type Setting = (session: Session) => Promise<void>;

/** A model as it was opened and set up. */
export interface Opened {
  model: Uint8Array;
  manifest: string | undefined;
  /** In order: labels must fit the task that was set before, and so on. */
  settings: Setting[];
  /** 1 for the model's own. */
  unbalance: number;
}

export interface Snapshot extends Readonly<Opened> {
  /** Absent where nothing was calibrated. */
  calibration: Uint8Array | undefined;
}

/** Brings a fresh session to where the model is open; calibration and schemes follow. */
export async function open(
  session: Session,
  { model, manifest, settings, unbalance }: Readonly<Opened>,
): Promise<void> {
  await session.run((remote) => remote.open(model, manifest));
  for (const change of settings) await change(session);
  if (unbalance !== 1) await session.call("set_unbalance", [unbalance]);
}

/** Whether a session opened as `a` need not be opened anew for `b`. */
export function isOpenedAs(a: Readonly<Opened>, b: Readonly<Opened>): boolean {
  return (
    a.model === b.model &&
    a.manifest === b.manifest &&
    a.unbalance === b.unbalance &&
    a.settings.length === b.settings.length &&
    a.settings.every((setting, i) => setting === b.settings[i])
  );
}
