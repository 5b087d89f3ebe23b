/** Shifts by hand: one channel's, or a rule for the layer; back and forth; and what they make of the picture. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../components/marks";
import { selection, shiftEditor } from "../context";
import type { LayerDetail, LayerReport, Prediction, ShiftRule } from "../engine/types";
import { best, outputDb } from "../findings";
import { decibels } from "../format";
import { Watch } from "../state";
import { text as page } from "../strings";
import { layerText as text } from "../strings/layer";
import { shared, table } from "../styles/shared";
import { coarsening, isEdited, RULES } from "./edits";

@customElement("sw-shift-bar")
export class ShiftBar extends LitElement {
  readonly #watch = new Watch(this);

  protected override render() {
    const { layers, reports, node, channel } = this.#watch.state;
    const detail = layers["shift-wise"];
    const report = reports["shift-wise"]?.layers.find((layer) => layer.node === node);
    if (!detail || !report || channel === null || detail.node !== node) return nothing;
    return html`<section aria-labelledby="by-hand">
      <div class="head">
        <h3 id="by-hand">${text.byHand}</h3>
        <span class="soft small">${text.byHandHint}</span>
      </div>
      ${this.#controls(detail, channel)} ${this.#consequences(detail, report)} ${this.#effect()}
    </section>`;
  }

  #controls(detail: LayerDetail, channel: number) {
    const { knobs, edits } = this.#watch.state;
    const shift = detail.shifts[channel] ?? 0;
    const most = 2 ** knobs.shiftBits - 1;
    const edit = edits.present[detail.node];
    const rule = edit ? edit.rule : RULES[0];
    return html`<div class="controls">
      <label
        >${text.channel}
        <input
          type="number"
          class="int"
          min="0"
          max=${detail.shifts.length - 1}
          .value=${String(channel)}
          @change=${(event: Event) => this.onChannel(event, detail.shifts.length)}
        />
      </label>
      <div class="stepper" role="group" aria-label=${text.shift}>
        <span>${text.shift}</span>
        <button
          aria-label=${text.less}
          ?disabled=${shift <= 0}
          @click=${() => shiftEditor.setShift(channel, shift - 1)}
        >
          −
        </button>
        <output class="int" aria-live="polite">${shift}</output>
        <button
          aria-label=${text.more}
          ?disabled=${shift >= most}
          @click=${() => shiftEditor.setShift(channel, shift + 1)}
        >
          +
        </button>
      </div>
      <label
        >${text.rule}
        <select
          name="rule"
          @change=${(event: Event) => shiftEditor.applyRule((event.target as HTMLSelectElement).value as ShiftRule)}
        >
          ${RULES.map((each) => html`<option value=${each} .selected=${each === rule}>${text.rules[each]}</option>`)}
          ${rule === null ? html`<option value="" disabled .selected=${true}>${text.ownRule}</option>` : nothing}
        </select>
      </label>
      <span class="buttons">
        <button ?disabled=${edits.past.length === 0} @click=${() => shiftEditor.undo()}>${text.undo}</button>
        <button ?disabled=${edits.future.length === 0} @click=${() => shiftEditor.redo()}>${text.redo}</button>
        <button title=${text.resetHint} ?disabled=${!isEdited(edits.present)} @click=${() => shiftEditor.reset()}>
          ${text.reset}
        </button>
      </span>
    </div>`;
  }

  private onChannel(event: Event, channels: number): void {
    const input = event.target as HTMLInputElement;
    const wanted = Math.round(Number(input.value));
    const channel = Number.isFinite(wanted) ? Math.max(0, Math.min(channels - 1, wanted)) : 0;
    input.value = String(channel);
    void selection.chooseChannel(channel);
  }

  #consequences(detail: LayerDetail, report: LayerReport) {
    const { factor, channel } = coarsening(detail.ranges, detail.shifted_ranges);
    const notes = [
      factor > 1.001 ? text.raised(channel, factor) : null,
      report.lowered_channels.length > 0 ? text.lowered(report.lowered_channels) : null,
      report.saturated_biases.length > 0 ? text.saturated(report.saturated_biases) : null,
    ];
    return notes.map((note) => (note ? html`<p class="small note">${icon("warning")} ${note}</p>` : nothing));
  }

  /** Now, and by the rule alone where shifts were set by hand. */
  #effect() {
    const { predictions, byRule, edits, node } = this.#watch.state;
    const now = predictions["shift-wise"];
    const edited = Object.keys(edits.present).length;
    const words = text.effect;
    const db = (prediction: Prediction | null | undefined) => (node === null ? undefined : prediction?.sqnr_db[node]);
    const figure = (value: number | null | undefined) => (value == null ? "\u2013" : decibels(value));
    const answer = (prediction: Prediction | null | undefined) =>
      best(prediction ?? undefined)?.label ?? agreement(prediction);
    const rule = edited > 0 ? byRule : null;
    const row = (name: string, value: string, ruled: string | null) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
        <td class="soft">${edited === 0 ? words.same : (ruled ?? "\u2026")}</td>
      </tr>`;
    return html`<table>
      <caption>
        ${text.edited(edited)}
      </caption>
      <thead>
        <tr>
          <th scope="col">${words.caption}</th>
          <th scope="col">${words.now}</th>
          <th scope="col">${words.byRule}</th>
        </tr>
      </thead>
      <tbody>
        ${row(words.layer, figure(db(now)), rule && figure(db(rule)))}
        ${row(words.output, figure(outputDb(now)), rule && figure(outputDb(rule)))}
        ${row(best(now) ? words.answer : words.agreement, answer(now), rule && answer(rule))}
      </tbody>
    </table>`;
  }

  static override styles = [
    shared,
    table,
    css`
      section {
        display: grid;
        gap: 8px;
      }
      .head,
      .controls {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 4px 16px;
      }
      .controls {
        align-items: center;
        gap: 8px 16px;
      }
      label,
      .stepper,
      .buttons {
        display: inline-flex;
        align-items: center;
        gap: 8px;
        font-size: var(--small);
      }
      .buttons {
        gap: 4px;
        margin-inline-start: auto;
      }
      input,
      select {
        height: 32px;
        padding: 0 6px;
        background: var(--raised);
        border: 1px solid var(--line);
        border-radius: 6px;
      }
      input {
        width: 5.5em;
      }
      .stepper button {
        width: 32px;
        padding: 0;
        justify-content: center;
        font-size: var(--text);
      }
      output {
        min-width: 2ch;
        text-align: center;
        font-weight: 600;
        font-size: var(--text);
      }
      table {
        max-width: 480px;
      }
      .note {
        display: flex;
        gap: 6px;
      }
      .note svg {
        margin-top: 2px;
      }
    `,
  ];
}

function agreement(prediction: Prediction | null | undefined): string {
  const { tally, agreement } = prediction ?? {};
  if (!tally) return "\u2013";
  const metric = page.agreements[tally.metric];
  return metric.one(agreement ?? null) || metric.figure(agreement ?? null);
}
