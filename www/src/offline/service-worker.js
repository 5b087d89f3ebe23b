/**
 * Makes the page work offline after the first visit. The build puts this version's files in the place of the two
 * names below. A worker and its cache belong together: the next version's worker fills a cache of its own and takes
 * over, and the old cache goes, when no page of the old version is open any more.
 */

const FILES = __FILES__;
// Another copy of the page on the same host has caches of its own.
const OURS = `shiftwise ${self.registration.scope} `;
const CACHE = OURS + __VERSION__;
const HOME = "index.html";

self.addEventListener("install", (event) => {
  event.waitUntil(
    // What has its content's hash in its name cannot be stale; the page itself can.
    caches
      .open(CACHE)
      .then((cache) =>
        cache.addAll(FILES.map((file) => new Request(file, { cache: file === HOME ? "reload" : "default" }))),
      ),
  );
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith(OURS) && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(request.mode === "navigate" ? newest(request) : known(request));
});

/** The page as it is now where there is a network, and this version's where there is none. */
async function newest(request) {
  try {
    return await fetch(request);
  } catch {
    const cache = await caches.open(CACHE);
    return (await cache.match(HOME, { ignoreVary: true })) ?? Response.error();
  }
}

/** Servers that say `Vary: Origin` mean other sites' requests: the files are the same for every request of the page. */
async function known(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}
