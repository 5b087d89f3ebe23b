/** The lessons, and the sections below the first screen: nothing of the first answer needs them. */

import { nextFrame } from "./section";

const SECTIONS = [
  () => import("../cause/sw-cause"),
  () => import("../network/sw-network"),
  () => import("../layer/sw-layer"),
  () => import("../datapath/sw-datapath"),
  () => import("../many/sw-many"),
  () => import("../lessons/sw-lesson"),
];

/** Loads them from top to bottom. Each is drawn before the next one comes: together they would take a long while. */
export async function loadSections(): Promise<void> {
  for (const load of SECTIONS) {
    await load();
    await nextFrame();
  }
}
