// Puts into the built page what its first paint needs, and nothing else before it: styles stand in the page itself, and
// scripts are asked for once it is on the screen.

import { createHash } from "node:crypto";

/** Pages that nobody sees are not painted, and begin at once; no paint is waited for longer than this. */
const MOST_MS = 1000;

/**
 * The page with `styles` in it, and its module scripts after the first paint. The policy is told of the one script that
 * stands in the page by its hash.
 *
 * @param {string} page as Vite writes it
 * @param {(address: string) => string} styles the style sheet of an address
 */
export function paintFirst(page, styles) {
  const scripts = [];
  const preloads = [];
  const rest = page
    .replace(/ *<link rel="stylesheet"[^>]* href="([^"]+)">\n?/g, (_, address) => `<style>${styles(address)}</style>\n`)
    .replace(/ *<link rel="modulepreload"[^>]* href="([^"]+)">\n?/g, (_, address) => (preloads.push(address), ""))
    .replace(/ *<script type="module"[^>]* src="([^"]+)"><\/script>\n?/g, (_, address) => (scripts.push(address), ""));
  const code = starter(scripts, preloads);
  const hash = createHash("sha256").update(code).digest("base64");
  return rest
    .replace(/script-src [^;"]*/, (sources) => `${sources} 'sha256-${hash}'`)
    .replace("</head>", () => `<script>${code}</script>\n  </head>`);
}

/** A module is run once, however often it is asked for. */
function starter(scripts, preloads) {
  const lines = [
    "{",
    "const start = () => {",
    `for (const href of ${JSON.stringify(preloads)}) document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));`,
    ...scripts.map((address) => `import(${JSON.stringify(address)});`),
    "};",
    "if (document.hidden) start();",
    "requestAnimationFrame(() => setTimeout(start));",
    `setTimeout(start, ${MOST_MS});`,
    "}",
  ];
  return lines.join("\n");
}

/**
 * The plugin for Vite. Style sheets that stand in the page are no files any more.
 *
 * @returns {import("vite").Plugin}
 */
export function firstPaint() {
  return {
    name: "shiftwise-first-paint",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const page = bundle["index.html"];
        if (page?.type !== "asset") throw new Error("there is no page in the bundle");
        page.source = paintFirst(String(page.source), (address) => {
          const file = address.replace(/^\.\//, "");
          const sheet = bundle[file];
          if (sheet?.type !== "asset") throw new Error(`${file} is not in the bundle`);
          delete bundle[file];
          return String(sheet.source).trim();
        });
      },
    },
  };
}
