/** From picture to network input: what was guessed or stated, to be changed. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { playground } from "../context";
import type { Channels, InputSpec, Task } from "../engine/types";
import { parseForm, PRESETS, presetOf, toForm, type FieldErrors, type InputForm, type Preset } from "../input-spec";
import { store } from "../state";
import { text } from "../strings";
import { dialogSurface, shared } from "../styles/shared";
import { icon } from "./marks";

const words = text.preprocessing;

@customElement("sw-preprocessing")
export class Preprocessing extends LitElement {
  @state() private form: InputForm | null = null;
  @state() private task: Task = "classification";
  @state() private errors: FieldErrors = {};
  @query("dialog") private dialog!: HTMLDialogElement;

  open(): void {
    const { model } = store.value;
    if (!model) return;
    this.form = toForm(model.input);
    this.task = model.task;
    this.errors = {};
    this.dialog.showModal();
  }

  #set(change: Partial<InputForm>): void {
    if (this.form) this.form = { ...this.form, ...change };
  }

  private onPreset(event: Event): void {
    const preset = PRESETS[(event.target as HTMLSelectElement).value as Preset];
    const gray = this.form?.channels === "gray" || this.form?.channels === "luma";
    const list = (values: readonly number[]) => (gray ? values.slice(0, 1) : values).join(", ");
    if (preset) this.#set({ mean: list(preset.mean), std: list(preset.std) });
  }

  private onSubmit(event: SubmitEvent): void {
    event.preventDefault();
    if (!this.form) return;
    const parsed = parseForm(this.form);
    if ("errors" in parsed) {
      this.errors = parsed.errors;
      return;
    }
    this.dialog.close();
    void this.#apply(parsed.spec);
  }

  /** Only what changed: another input asks for another calibration, another task does not. */
  async #apply(spec: InputSpec): Promise<void> {
    const { model } = store.value;
    if (!model) return;
    if (this.task !== model.task || model.task_guessed) await playground.setTask(this.task);
    if (model.input_guessed || JSON.stringify(toForm(spec)) !== JSON.stringify(toForm(model.input))) {
      await playground.setInput(spec);
    }
  }

  #field(name: keyof InputForm, label: string) {
    const error = this.errors[name];
    return html`<label>
      <span>${label}</span>
      <input
        name=${name}
        inputmode=${name === "mean" || name === "std" ? "text" : "numeric"}
        autocomplete="off"
        .value=${this.form?.[name] ?? ""}
        aria-invalid=${error ? "true" : "false"}
        aria-describedby=${error ? `${name}-error` : nothing}
        @input=${(event: Event) => this.#set({ [name]: (event.target as HTMLInputElement).value })}
      />
      ${error ? html`<span class="error" id="${name}-error">${icon("warning")} ${error}</span>` : nothing}
    </label>`;
  }

  protected override render() {
    const { form } = this;
    return html`<dialog aria-labelledby="title">
      ${
        form
          ? html`<form class="small" @submit=${this.onSubmit}>
              <h2 id="title">${words.title}</h2>
              ${
                store.value.model?.input_guessed
                  ? html`<p class="guess">${icon("warning")} ${text.guessed}</p>`
                  : nothing
              }
              <div class="row">
                <label class="wide">
                  <span>
                    ${words.task}
                    ${store.value.model?.task_guessed ? html`<strong>(${text.taskGuessed})</strong>` : nothing}
                  </span>
                  <select
                    name="task"
                    @change=${(event: Event) => (this.task = (event.target as HTMLSelectElement).value as Task)}
                  >
                    ${Object.entries(text.tasks).map(
                      ([task, name]) => html`<option value=${task} ?selected=${task === this.task}>${name}</option>`,
                    )}
                  </select>
                </label>
              </div>
              <div class="row">
                <label>
                  <span>${words.mode}</span>
                  <select
                    name="mode"
                    @change=${(event: Event) =>
                      this.#set({ mode: (event.target as HTMLSelectElement).value as InputForm["mode"] })}
                  >
                    ${Object.entries(words.modes).map(
                      ([mode, name]) => html`<option value=${mode} ?selected=${mode === form.mode}>${name}</option>`,
                    )}
                  </select>
                </label>
                ${
                  form.mode === "stretch"
                    ? html`${this.#field("width", words.width)} ${this.#field("height", words.height)}`
                    : this.#field("shorter", words.shorter)
                }
              </div>
              <fieldset>
                <legend>${words.crop} <span class="soft">${words.cropHint}</span></legend>
                <div class="row">
                  ${this.#field("cropWidth", words.width)} ${this.#field("cropHeight", words.height)}
                </div>
              </fieldset>
              <div class="row">
                <label>
                  <span>${words.channels}</span>
                  <select
                    name="channels"
                    @change=${(event: Event) =>
                      this.#set({ channels: (event.target as HTMLSelectElement).value as Channels })}
                  >
                    ${Object.entries(words.channelNames).map(
                      ([value, name]) =>
                        html`<option value=${value} ?selected=${value === form.channels}>${name}</option>`,
                    )}
                  </select>
                </label>
              </div>
              <fieldset>
                <legend>${words.normalize}</legend>
                <div class="row">
                  <label>
                    <span>${words.preset}</span>
                    <select name="preset" .value=${presetOf(form) ?? ""} @change=${this.onPreset}>
                      <option value="" ?selected=${presetOf(form) === null}>${words.custom}</option>
                      ${Object.keys(PRESETS).map(
                        (name) => html`<option value=${name} ?selected=${name === presetOf(form)}>${name}</option>`,
                      )}
                    </select>
                  </label>
                  ${this.#field("mean", words.mean)} ${this.#field("std", words.std)}
                </div>
              </fieldset>
              <div class="actions">
                <button type="button" @click=${() => this.dialog.close()}>${text.cancel}</button>
                <button class="strong">${words.apply}</button>
              </div>
            </form>`
          : nothing
      }
    </dialog>`;
  }

  static override styles = [
    shared,
    dialogSurface,
    css`
      dialog {
        width: min(520px, calc(100vw - 32px));
        padding: 24px;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 0.32);
      }
      form,
      label {
        display: grid;
        gap: 4px;
        align-content: start;
      }
      form {
        gap: 16px;
      }
      h2 {
        font-size: 1.125rem;
      }
      .row {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 8px 16px;
      }
      .wide {
        grid-column: span 2;
      }
      fieldset {
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0 0 4px;
        font-weight: 650;
      }
      input,
      select {
        width: 100%;
        height: 32px;
        padding: 0 8px;
        border: 1px solid var(--soft);
        border-radius: 6px;
        background: var(--paper);
      }
      .error,
      .guess {
        font-weight: 600;
      }
      .actions {
        display: flex;
        justify-content: flex-end;
        gap: 8px;
      }
    `,
  ];
}
