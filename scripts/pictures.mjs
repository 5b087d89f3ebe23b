// `npm run pictures`: takes the pictures of the page that README shows.

import path from "node:path";
import { prepare } from "./lib/package.mjs";
import { takePictures } from "./lib/pictures.mjs";
import { main, root, say } from "./lib/run.mjs";

await main(async () => {
  await prepare();
  const { build } = await import("vite");
  await build({ logLevel: "warn" });
  for (const { file, size } of await takePictures(path.join(root, "dist"), path.join(root, "docs", "pictures"))) {
    say(`${path.relative(root, file)}  ${(size / 1e3).toFixed(0)} KB`);
  }
});
