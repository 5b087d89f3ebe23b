/** How many bits it takes: both charts, what starts and stops them, and what they were drawn for. */

import { css, html, LitElement, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { icon } from "../components/marks";
import { curves as controller } from "../context";
import { Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { isCurrent, MOST_PICTURES, type Axis, type Curves } from "./curves";
import "./sw-lines";

const AXES = ["shiftBits", "weightBits"] as const satisfies readonly Axis[];

@customElement("sw-curves")
export class CurvesView extends LitElement {
  readonly #watch = new Watch(this);

  protected override render() {
    const { curves } = this.#watch.state;
    return html`
      <h3>${text.many.curves}</h3>
      ${curves ? this.#drawn(curves) : this.#undrawn()}
    `;
  }

  #undrawn() {
    const pictures = Math.min(MOST_PICTURES, this.#watch.state.pictures.length);
    return html`<p class="small soft">${text.many.waiting}</p>
      <button class="start" @click=${() => controller.draw()}>${text.many.draw(pictures)}</button>`;
  }

  #drawn(curves: Curves) {
    const { knobs } = this.#watch.state;
    const { progress, problem, points, labelled, pictures } = curves;
    const outdated = !progress && !isCurrent(curves, this.#watch.state);
    const fixed: Record<Axis, number> = { shiftBits: knobs.weightBits, weightBits: knobs.shiftBits };
    return html`
      <p class="small soft state">
        <span>${text.many.of(labelled, pictures)}</span>
        ${
          progress
            ? html`<progress aria-label=${text.many.curves} max=${progress.total} .value=${progress.done}></progress>
                <span class="num">${text.many.drawing(progress.done, progress.total)}</span>
                <button class="plain small" @click=${() => controller.cancel()}>${text.cancel}</button>`
            : html`${outdated ? html`<strong>${icon("info")} ${text.many.outdated}</strong>` : nothing}
                <button class="plain small" @click=${() => controller.draw()}>${text.many.again}</button>`
        }
      </p>
      ${problem ? html`<p class="small">${icon("warning")} ${text.many.curvesProblem(problem)}</p>` : nothing}
      <div class="charts ${outdated ? "outdated" : ""}">
        ${AXES.map(
          (axis) =>
            html`<sw-lines
              axis=${axis}
              heading=${text.many.axisTitles[axis](fixed[axis])}
              .points=${points[axis]}
              .chosen=${knobs[axis]}
            ></sw-lines>`,
        )}
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      .start {
        margin-top: 8px;
      }
      .state {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
        min-height: 32px;
      }
      .state strong {
        color: var(--ink);
      }
      progress {
        width: 160px;
        accent-color: var(--ink);
      }
      .charts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr));
        gap: 24px 48px;
        margin-top: 8px;
      }
      .charts.outdated {
        opacity: 0.6;
      }
    `,
  ];
}
