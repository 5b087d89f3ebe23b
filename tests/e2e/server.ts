// Serves the built page for the end-to-end tests: on loopback, on a free port, and below a folder, because the bundle
// must not care where it lies.

import { preview } from "vite";

export default async function serve(): Promise<() => Promise<void>> {
  const server = await preview({ base: "/some/folder/", preview: { port: 0 }, logLevel: "warn" });
  const address = server.httpServer.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  process.env.SHIFTWISE_URL = `http://127.0.0.1:${address.port}/some/folder/`;
  return () => server.close();
}
