/** Registers the service worker of the built page. Where it cannot be had, the page works as before, online. */

export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("./service-worker.js").catch(() => undefined);
}
