// The `test` of every end-to-end test: whatever it is about, it also fails if the page complains on the console, leaves
// an exception uncaught (in a worker too) or asks anything of a machine but its own.

import { expect, test as base } from "@playwright/test";

export { expect };

export const test = base.extend<{ quietPage: void }>({
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

function staysHere(address: string): boolean {
  const url = new URL(address);
  return ["data:", "blob:"].includes(url.protocol) || url.hostname === "127.0.0.1";
}
