/** One button that opens the camera in a dialog; closing the dialog, however, stops the camera. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { icon } from "../components/marks";
import { playground } from "../context";
import { messageOf } from "../engine/errors";
import { text } from "../strings";
import { dialogSurface, shared } from "../styles/shared";
import { openCamera, stop, takePicture } from "./camera";

const words = text.many.camera;

@customElement("sw-camera")
export class Camera extends LitElement {
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("video") private video!: HTMLVideoElement;
  @state() private stream: MediaStream | null = null;
  @state() private problem = "";
  @state() private taken = 0;
  /** Whether there is a frame to take. */
  @state() private ready = false;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop();
  }

  private async onOpen(): Promise<void> {
    this.problem = "";
    this.taken = 0;
    this.dialog.showModal();
    try {
      const stream = await openCamera();
      // Closed while the browser was asking.
      if (!this.dialog.open) return stop(stream);
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      this.ready = true;
    } catch (thrown) {
      if (this.dialog.open) this.problem = messageOf(thrown);
      this.#stop();
    }
  }

  private async onTake(): Promise<void> {
    try {
      const picture = await takePicture(this.video, words.file(this.taken + 1));
      this.taken++;
      await playground.addPictures([picture]);
    } catch (thrown) {
      this.problem = messageOf(thrown);
    }
  }

  #stop(): void {
    if (this.stream) stop(this.stream);
    this.stream = null;
    this.ready = false;
    if (this.video) this.video.srcObject = null;
  }

  protected override render() {
    return html`
      <button @click=${this.onOpen}>${words.open}</button>
      <dialog aria-labelledby="title" @close=${this.#stop}>
        <h2 id="title">${words.title}</h2>
        <p class="small soft">${words.hint}</p>
        <div class="view">
          <video muted playsinline aria-label=${words.view} ?hidden=${!this.stream}></video>
          ${this.stream && !this.problem ? nothing : html`<p role="status">${this.problem ? icon("warning") : nothing} ${this.problem || words.starting}</p>`}
        </div>
        <div class="actions">
          <button class="strong" ?disabled=${!this.ready} @click=${this.onTake}>${words.take}</button>
          <span class="small num" role="status">${this.taken > 0 ? words.taken(this.taken) : nothing}</span>
          <button @click=${() => this.dialog.close()}>${words.done}</button>
        </div>
      </dialog>
    `;
  }

  static override styles = [
    shared,
    dialogSurface,
    css`
      dialog {
        width: min(560px, calc(100vw - 32px));
        padding: 24px;
      }
      .view {
        display: grid;
        place-items: center;
        aspect-ratio: 4 / 3;
        margin: 12px 0;
        border-radius: 6px;
        overflow: hidden;
        background: var(--hair);
      }
      .view p {
        padding: 24px;
        text-align: center;
      }
      video {
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      .actions {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
      }
    `,
  ];
}
