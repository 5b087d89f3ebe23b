/** Base of the larger parts of the page: each appears in a task of its own, so that none holds up the visitor. */

import { LitElement } from "lit";

export class Section extends LitElement {
  protected override async scheduleUpdate(): Promise<void> {
    // Later, what a key did must be on the page before the next key comes.
    if (!this.hasUpdated) await nextTask();
    super.scheduleUpdate();
  }
}

/** Until the parts of `root` that are named have been rendered. */
export async function rendered(root: ParentNode, names: string): Promise<void> {
  await Promise.all(Array.from(root.querySelectorAll<LitElement>(names), (part) => part.updateComplete));
}

/** Until the browser has had its turn: to paint, and to answer the visitor. Timers would wait for longer. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Until the next frame is being made. Pages that nobody sees make none, and do not wait for it. */
export async function nextFrame(): Promise<void> {
  if (!document.hidden) await new Promise(requestAnimationFrame);
  await nextTask();
}

/** Browsers may keep the page before on the screen for a while. */
const MOST_MS = 300;

/** Until something of the page is on the screen; where browsers say so, with the largest thing in it. */
export function firstPaint(): Promise<void> {
  const [type = "paint"] = ["largest-contentful-paint"].filter((each) =>
    PerformanceObserver.supportedEntryTypes.includes(each),
  );
  return new Promise((resolve) => {
    new PerformanceObserver((_, observer) => {
      observer.disconnect();
      resolve();
    }).observe({ type, buffered: true });
    setTimeout(resolve, MOST_MS);
  });
}
