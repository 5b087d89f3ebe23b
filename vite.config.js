import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { firstPaint } from "./scripts/lib/first-paint.mjs";
import { offline } from "./scripts/lib/offline.mjs";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export default defineConfig({
  root: here("www"),
  // Relative addresses only: the bundle works from any sub-path.
  base: "./",
  assetsInclude: ["**/*.onnx", "**/*.wasm"],
  server: {
    host: "127.0.0.1",
    // The page imports the wasm package, which lies beside its root.
    fs: { allow: [here("www"), here("pkg"), here("target/pkg-complete"), here("node_modules")] },
  },
  preview: { host: "127.0.0.1" },
  plugins: [firstPaint(), offline(here("www/src/offline/service-worker.js"))],
  worker: {
    format: "es",
    // Two builds of the wasm module have one name.
    rollupOptions: {
      output: {
        assetFileNames: ({ originalFileNames }) =>
          `assets/[name]${originalFileNames.some((file) => file.includes("pkg-complete")) ? "-complete" : ""}-[hash][extname]`,
      },
    },
  },
  build: {
    outDir: here("dist"),
    emptyOutDir: true,
    // There is one style sheet, and it stands in the page: no part asks for it.
    cssCodeSplit: false,
    rollupOptions: {
      input: { index: here("www/index.html"), "shift-wise": here("www/src/embed/element.ts") },
      // Other pages name this one: its address must stay.
      output: {
        entryFileNames: ({ name }) => (name === "shift-wise" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
    // However small, the module is a file of its own, which browsers compile while it streams in.
    assetsInlineLimit: (file) => (file.endsWith(".wasm") ? false : undefined),
  },
  test: {
    root: here("."),
    include: ["www/src/**/*.test.ts", "scripts/**/*.test.mjs"],
    environment: "happy-dom",
  },
});
