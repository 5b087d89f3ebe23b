// `npm run build`: the production bundle in dist/, which works from any folder of any static host.

import { main } from "./lib/run.mjs";
import { builds, prepare } from "./lib/package.mjs";

await main(async () => {
  await prepare(Object.values(builds));
  const { build } = await import("vite");
  await build();
});
