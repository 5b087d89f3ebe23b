// `npm run wasm`: set up what is missing and bring the wasm modules up to date.

import { prepare } from "./lib/package.mjs";
import { main } from "./lib/run.mjs";

await main(prepare);
