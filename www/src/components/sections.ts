/** The lessons, and the sections below the first screen: nothing of the first answer needs them. */

import { nextFrame } from "./section";

const SECTIONS: { name: string; load(): Promise<unknown> }[] = [
  { name: "sw-cause", load: () => import("../cause/sw-cause") },
  { name: "sw-network", load: () => import("../network/sw-network") },
  { name: "sw-layer", load: () => import("../layer/sw-layer") },
  { name: "sw-datapath", load: () => import("../datapath/sw-datapath") },
  { name: "sw-many", load: () => import("../many/sw-many") },
  { name: "sw-lesson", load: () => import("../lessons/sw-lesson") },
];

/** What shows that somebody is there, who may go anywhere on the page next, or print it. */
const SIGNS = [
  "pointermove",
  "pointerdown",
  "touchstart",
  "wheel",
  "scroll",
  "keydown",
  "focusin",
  "dragenter",
  "paste",
  "hashchange",
  "beforeprint",
] as const;

/** Without any sign the page is made complete in the end, for those who read it in ways that give none. */
const AWAITED_MS = 20_000;
/** How far below the screen a section is loaded already. */
const MARGIN = "25%";

/** Until there is a sign of somebody. */
function somebody(): Promise<void> {
  return new Promise((resolve) => {
    const found = () => {
      for (const sign of SIGNS) window.removeEventListener(sign, found, true);
      resolve();
    };
    for (const sign of SIGNS) window.addEventListener(sign, found, { capture: true, passive: true });
  });
}

/** Until an element is on the screen, or nearly; for ever where there is none. */
function near(element: Element | null): Promise<void> {
  return new Promise((resolve) => {
    if (!element) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        observer.disconnect();
        resolve();
      },
      { rootMargin: `0px 0px ${MARGIN}` },
    );
    observer.observe(element);
  });
}

export class Sections {
  /** Signs count from the start, also before anything can be loaded. */
  readonly #wanted: Promise<void>;
  #want!: () => void;

  constructor() {
    const asked = new Promise<void>((resolve) => (this.#want = resolve));
    this.#wanted = Promise.race([somebody(), asked]);
  }

  /** Loads them all, whoever is there. */
  want(): void {
    this.#want();
  }

  /**
   * Loads them from top to bottom as `root` comes to show them, and all of them once somebody is there. Each is drawn
   * before the next one comes: together they would take a long while.
   */
  async load(root: ParentNode): Promise<void> {
    setTimeout(this.#want, AWAITED_MS);
    for (const { name, load } of SECTIONS) {
      await Promise.race([this.#wanted, near(root.querySelector(name))]);
      await load();
      await nextFrame();
    }
  }
}
