import type { ReactiveController } from "lit";
import { expect, it } from "vitest";
import { store, Watch } from "./state";

function watched(...on: ["everything"?]) {
  let updates = 0;
  const controllers: ReactiveController[] = [];
  const host = {
    addController: (one: ReactiveController) => void controllers.push(one),
    removeController: () => {},
    requestUpdate: () => void updates++,
    updateComplete: Promise.resolve(true),
  };
  const watch = new Watch(host, ...on);
  for (const one of controllers) one.hostConnected?.();
  updates = 0;
  return { watch, updates: () => updates, leave: () => controllers.forEach((one) => one.hostDisconnected?.()) };
}

it("renders again when what was read is another, and for nothing else", () => {
  const { watch, updates, leave } = watched();
  const { theme } = watch.state;
  store.set({ embedded: !store.value.embedded });
  store.set({ theme });
  expect(updates()).toBe(0);
  store.set({ theme: theme === "dark" ? "light" : "dark" });
  expect(updates()).toBe(1);
  leave();
  store.set({ theme });
  expect(updates()).toBe(1);
});

it("renders again at every change where asked to", () => {
  const { updates, leave } = watched("everything");
  store.set({ embedded: !store.value.embedded });
  expect(updates()).toBe(1);
  leave();
});
