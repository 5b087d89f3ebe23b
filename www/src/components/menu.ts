/** Menus that are `<details>`: Escape and a click elsewhere close them. */

import { css, type ReactiveController, type ReactiveControllerHost } from "lit";

type Host = ReactiveControllerHost & { readonly renderRoot: ParentNode };

export class Menus implements ReactiveController {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener("pointerdown", this.#onOutside);
  }

  hostDisconnected(): void {
    document.removeEventListener("pointerdown", this.#onOutside);
  }

  readonly #onOutside = (event: PointerEvent) => {
    const path = event.composedPath();
    for (const menu of this.#open()) if (!path.includes(menu)) menu.open = false;
  };

  /** For `keydown` on a menu. */
  readonly onKey = (event: KeyboardEvent): void => {
    const menu = (event.currentTarget as Element).closest("details");
    if (event.key !== "Escape" || !menu?.open) return;
    // What is around the menu has an Escape of its own.
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  };

  close(): void {
    for (const menu of this.#open()) menu.open = false;
  }

  #open() {
    return this.#host.renderRoot.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
  }
}

export const menu = css`
  .menu {
    position: relative;
    min-width: 0;
  }
  .menu > summary {
    display: flex;
    align-items: center;
    gap: 6px;
    height: 32px;
    padding: 0 10px;
    border-radius: 6px;
    cursor: pointer;
    list-style: none;
    white-space: nowrap;
  }
  .menu > summary::-webkit-details-marker {
    display: none;
  }
  .menu > summary:hover,
  .menu[open] > summary {
    background: var(--hair);
  }
  .panel {
    position: absolute;
    z-index: 5;
    top: 40px;
    left: 0;
    width: min(320px, calc(100vw - 32px));
    display: grid;
    gap: 8px;
    padding: 16px;
    background: var(--raised);
    border: 1px solid var(--line);
    border-radius: 8px;
    box-shadow: 0 8px 32px rgb(0 0 0 / 0.16);
  }
  .panel button {
    justify-content: space-between;
  }
`;

/** Of the page's header, whose menus shrink to their pictures on a phone. */
export const headerMenu = css`
  .glyph {
    display: none;
  }
  @media (max-width: 719px) {
    .kind {
      position: absolute;
      clip-path: inset(50%);
    }
    .menu > summary {
      padding: 0 5px;
    }
    .glyph {
      display: inline;
    }
    .panel {
      position: fixed;
      top: 48px;
      left: 16px;
    }
  }
`;
