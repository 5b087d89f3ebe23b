/** Light, dark, or as the system says; remembered on this machine. */

import { store, type Theme } from "./state";

const KEY = "shiftwise-theme";

export function setTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  store.set({ theme });
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden (private windows, embedding): the choice lasts as long as the page then.
  }
}

export function restoreTheme(): void {
  let saved: string | null = null;
  try {
    saved = localStorage.getItem(KEY);
  } catch {
    // As above.
  }
  if (saved === "light" || saved === "dark") setTheme(saved);
}
