// The page, its Worker and the contenders as the files a production build would serve.

import path from "node:path";
import { root } from "../lib/run.mjs";

const page = path.join(import.meta.dirname, "page");
export const folder = path.join(root, "target", "bench", "js");

export async function bundle() {
  const { build } = await import("vite");
  const contenders = ["shiftwise", "onnxruntime", "litert"];
  await build({
    configFile: false,
    root: page,
    base: "./",
    publicDir: false,
    logLevel: "warn",
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: "esnext",
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: {
          page: path.join(page, "page.js"),
          worker: path.join(page, "worker.js"),
          ...Object.fromEntries(contenders.map((name) => [name, path.join(page, "contenders", `${name}.js`)])),
        },
        // What the Worker imports by name must keep its name.
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "[name].js", chunkFileNames: "shared-[name].js" },
      },
    },
  });
}
