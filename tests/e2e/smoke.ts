// A look at the page that any browser can take by itself, without being driven: a script that runs in front of the
// page's own, does what a visitor does, and says what it saw.

import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";

/** What a browser saw. */
export interface Seen {
  answers: Record<string, string>;
  verdict: string;
  /** Without shift bits. */
  unshifted: string;
  layer: string;
  /** The accumulator after all products: in its block, and in the last row of the table. */
  accumulators: [block: string, table: string];
  /** What the browser said against the page; and why it could see no more. */
  complaints: string[];
}

const types: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".png": "image/png",
};

/** Serves the page in `dist` to one browser, and waits for what it saw. */
export async function serveSmoke(dist: string): Promise<{ address: string; seen: Promise<Seen>; close: () => void }> {
  let report: (seen: Seen) => void = () => {};
  const seen = new Promise<Seen>((resolve) => (report = resolve));
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "POST") {
      let body = "";
      request.on("data", (part) => (body += part)).on("end", () => report(JSON.parse(body) as Seen));
      return void request.on("end", () => response.end());
    }
    if (pathname === "/smoke.js") {
      return void response.writeHead(200, { "Content-Type": "text/javascript" }).end(`(${look})();`);
    }
    const file = path.join(dist, path.posix.normalize(pathname));
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return void response.writeHead(404).end();
    const content = readFileSync(file);
    const body = pathname.endsWith(".html")
      ? content.toString().replace("<title>", '<script src="smoke.js"></script><title>')
      : content;
    response.writeHead(200, { "Content-Type": types[path.extname(file)] ?? "application/octet-stream" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    address: `http://127.0.0.1:${address.port}/index.html#v=1&node=6&channel=3`,
    seen,
    close: () => server.close(),
  };
}

/** Runs in the page, and therefore knows nothing of this file. */
async function look(): Promise<void> {
  const complaints: string[] = [];
  addEventListener(
    "error",
    ({ message, target }) => {
      // No errors: what watches sizes has its turn in the next frame; Firefox takes no hint at what it has loaded.
      if (message?.startsWith("ResizeObserver loop")) return;
      if (target instanceof HTMLLinkElement && target.rel === "modulepreload") return;
      complaints.push(`error: ${message ?? (target instanceof Element ? target.outerHTML : "a file was not loaded")}`);
    },
    true,
  );
  addEventListener("unhandledrejection", (event) => complaints.push(`rejected: ${event.reason}`));
  document.addEventListener("securitypolicyviolation", (event) =>
    complaints.push(`against the policy: ${event.violatedDirective} ${event.blockedURI}`),
  );
  const { error } = console;
  console.error = (...said: unknown[]) => {
    complaints.push(`console: ${said.join(" ")}`);
    error.apply(console, said);
  };

  /** Elements by selectors, each but the first within the shadow of the one before. */
  const all = (...selectors: string[]): HTMLElement[] =>
    selectors.reduce<(Document | HTMLElement)[]>(
      (roots, selector) =>
        roots.flatMap((root) => [
          ...((root instanceof Document ? root : root.shadowRoot)?.querySelectorAll<HTMLElement>(selector) ?? []),
        ]),
      [document],
    ) as HTMLElement[];
  const words = (element: HTMLElement | undefined) => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
  /** Asks again until there is something. */
  const until = async <T>(what: string, get: () => T | undefined | "" | false): Promise<T> => {
    for (let tries = 0; tries < 300; tries++) {
      const found = get();
      if (found) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`there is no ${what}`);
  };
  const press = (what: string, ...selectors: string[]) =>
    until(what, () => all(...selectors)[0]).then((element) => element.click());

  const seen: Partial<Seen> = { complaints };
  try {
    const cards = await until("answer of all schemes", () => {
      const found = all("sw-app", "sw-stage", "sw-scheme-card");
      const answers = found.map((card) => [
        card.getAttribute("scheme"),
        words(card.shadowRoot?.querySelector<HTMLElement>(".answer strong") ?? undefined),
      ]);
      return answers.length === 4 && answers.every(([, answer]) => answer) ? answers : undefined;
    });
    seen.answers = Object.fromEntries(cards);
    const verdict = () => words(all("sw-app", "sw-stage", "sw-verdict", "h1")[0]);
    seen.verdict = verdict();

    // What lies below the first screen waits for a sign of somebody.
    dispatchEvent(new Event("pointermove"));
    await until(
      "chart",
      () => (all("sw-app", "sw-layer", "sw-ranges-view", "sw-ranges", "canvas")[0]?.offsetWidth ?? 0) > 0,
    );
    await press("tab", "sw-app", "sw-layer", "#tab-weights");
    seen.layer = await until("weights", () => words(all("sw-app", "sw-layer", "sw-weights", "h3")[0]));

    const lanes = ["sw-app", "sw-datapath", "sw-lanes"];
    const block = await until("accumulator", () => words(all(...lanes, "#block-accumulator .value")[0]));
    await press("table", "sw-app", "sw-datapath", "sw-tap-table", "summary");
    const rows = await until("row", () => {
      const found = all("sw-app", "sw-datapath", "sw-tap-table", "tbody tr");
      return found.length > 0 && found;
    });
    seen.accumulators = [block, words(rows.at(-1)?.querySelectorAll<HTMLElement>("td")[6])];

    const slider = await until("slider", () => all("sw-app", "sw-stage", "sw-knobs", "input")[0] as HTMLInputElement);
    slider.value = "0";
    slider.dispatchEvent(new Event("input"));
    slider.dispatchEvent(new Event("change"));
    seen.unshifted = await until("other verdict", () => verdict() !== seen.verdict && verdict());
  } catch (thrown) {
    complaints.push(String(thrown));
  }
  await fetch("seen", { method: "POST", body: JSON.stringify(seen) });
}
