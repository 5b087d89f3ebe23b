import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { paintFirst } from "./first-paint.mjs";

const built = `<html><head>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'"/>
    <script type="module" crossorigin src="./assets/index-1.js"></script>
    <link rel="modulepreload" crossorigin href="./assets/part-2.js">
    <link rel="stylesheet" crossorigin href="./assets/index-3.css">
  </head><body></body></html>`;

const page = paintFirst(built, (address) => `/* ${address} $& */`);
const [, code] = /<script>([^]*)<\/script>/.exec(page);

it("puts styles into the page, and leaves nothing that is fetched before the first paint", () => {
  expect(page).toContain("<style>/* ./assets/index-3.css $& */</style>");
  expect(page).not.toMatch(/<(link|script)[^>]* (href|src)=/);
});

it("allows its own script, and no other", () => {
  const hash = createHash("sha256").update(code).digest("base64");
  expect(page).toContain(`script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}';`);
});

it("asks for every script, in a way that the browser understands", () => {
  expect(() => new Function(code)).not.toThrow();
  expect(code).toContain('import("./assets/index-1.js");');
  expect(code).toContain('["./assets/part-2.js"]');
});
