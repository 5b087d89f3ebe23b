/** What a chart says the value of: hovering previews it, a click pins it, keys move the pin, and Escape takes it out. */

import type { ReactiveController, ReactiveControllerHost } from "lit";

export class Pointed<Place extends object> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  #hovered: Place | null = null;
  #pinned: Place | null = null;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.#hovered = null;
  }

  /** What is shown: the pointer comes first. */
  get at(): Place | null {
    return this.#hovered ?? this.#pinned;
  }

  /** What stays when the pointer leaves. */
  get pinned(): Place | null {
    return this.#pinned;
  }

  /** Null when the pointer has left. */
  hover(place: Place | null): void {
    this.#hovered = place;
    this.#host.requestUpdate();
  }

  /** Where the keyboard goes is pinned too; what the pointer still rests on gives way. */
  pin(place: Place): void {
    this.#pinned = place;
    this.#hovered = null;
    this.#host.requestUpdate();
  }

  /** Escape takes the pin out, before it means anything to what is around. Returns whether the key was used. */
  onEscape(event: KeyboardEvent): boolean {
    if (event.key !== "Escape" || !this.at) return false;
    this.#hovered = this.#pinned = null;
    event.stopPropagation();
    // A dialog around it stays open.
    event.preventDefault();
    this.#host.requestUpdate();
    return true;
  }

  /** Lets go of what is not there any more. */
  keep(isThere: (place: Place) => boolean): void {
    if (this.#hovered && !isThere(this.#hovered)) this.#hovered = null;
    if (this.#pinned && !isThere(this.#pinned)) this.#pinned = null;
  }
}
