/** Registers the service worker of the built page. Where it cannot be had, the page works as before, online. */

export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  // Not while the page still loads: the first answer comes first.
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("./service-worker.js").catch(() => undefined);
  });
}
