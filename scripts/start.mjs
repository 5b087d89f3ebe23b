// `npm start`: set up what is missing, build the wasm module, serve the page on loopback.

import { main, say } from "./lib/run.mjs";
import { prepare } from "./lib/package.mjs";

await main(async () => {
  await prepare();
  const { createServer } = await import("vite");
  const server = await createServer();
  await server.listen();
  server.printUrls();
  say("  Ctrl-C ends the server. After a change in src/, run npm run wasm: the page reloads by itself.");
});
