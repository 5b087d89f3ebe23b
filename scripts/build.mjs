// `npm run build`: the production bundle in dist/, which works from any folder of any static host.

import { main } from "./lib/run.mjs";
import { prepare } from "./lib/package.mjs";

await main(async () => {
  await prepare();
  const { build } = await import("vite");
  await build();
});
