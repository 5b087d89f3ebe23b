// The `test` of every end-to-end test: whatever it is about, it also fails if the page complains on the console, leaves
// an exception uncaught (in a worker too) or asks anything of a machine but its own.

import { expect, test as base, type Locator, type Page } from "@playwright/test";

export { expect };

export interface Options {
  /** Whether the page may count its 200 pictures. It takes seconds of every core; tests of other things go without. */
  counts: boolean;
  /** Whether somebody shows to be there, so that the page loads all its sections. */
  visitor: boolean;
}

export const test = base.extend<Options & { held: void; present: void; quietPage: void }>({
  counts: [true, { option: true }],
  visitor: [true, { option: true }],
  present: [
    async ({ context, visitor }, use) => {
      const move = () =>
        void customElements.whenDefined("sw-app").then(() => window.dispatchEvent(new Event("pointermove")));
      if (visitor) await context.addInitScript(move);
      await use();
    },
    { auto: true },
  ],
  held: [
    async ({ context, counts }, use) => {
      if (!counts) await context.addInitScript(holdCounting, 0);
      await use();
    },
    { auto: true },
  ],
  quietPage: [
    async ({ context }, use) => {
      const trouble: string[] = [];
      context.on("console", (message) => {
        if (message.type() === "error") trouble.push(`console: ${message.text()} (${message.location().url})`);
      });
      context.on("weberror", (error) => trouble.push(`uncaught: ${error.error().stack ?? error.error().message}`));
      context.on("request", (request) => {
        if (!staysHere(request.url())) trouble.push(`request to ${request.url()}`);
      });
      await use();
      expect(trouble).toEqual([]);
    },
    { auto: true },
  ],
});

/** What a scheme says of the picture. */
export function answer(page: Page, scheme: string): Locator {
  return page.getByRole("article", { name: scheme, exact: true }).locator(".answer strong");
}

/** Opens the page and waits until its answers and all its sections are there. */
export async function open(page: Page, place = ""): Promise<void> {
  await page.goto(place);
  await expect(answer(page, "Channel-wise")).not.toBeEmpty();
  await expect(page.locator("sw-many section")).toBeVisible();
}

function staysHere(address: string): boolean {
  const url = new URL(address);
  return ["data:", "blob:"].includes(url.protocol) || url.hostname === "127.0.0.1";
}

/**
 * To be run in the page before it starts: holds up the Workers that count after so many messages to them. What is held
 * goes on when the page's `release` is called.
 */
export function holdCounting(messages: number): void {
  const post = Worker.prototype.postMessage;
  const held: (() => void)[] = [];
  let open = messages;
  let own: Worker | undefined;
  const exporters = new WeakSet<Worker>();
  class Watched extends Worker {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(address, options);
      if (options?.name === "shiftwise export") exporters.add(this);
    }
  }
  function postMessage(this: Worker, ...message: Parameters<typeof post>): void {
    // The first to be told anything is the page's own; the others count, unless they write a file.
    own ??= this;
    const send = () => post.apply(this, message);
    if (this === own || exporters.has(this) || open-- > 0) send();
    else held.push(send);
  }
  const release = () => {
    open = Infinity;
    for (const send of held.splice(0)) send();
  };
  Object.assign(Worker.prototype, { postMessage });
  Object.assign(window, { release, Worker: Watched });
}
