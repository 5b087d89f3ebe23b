/** The hero below the answers: the ruler, with the channel that explains them. */

import { css, html, nothing } from "lit";
import { customElement } from "lit/decorators.js";
import { Watch } from "../state";
import { text } from "../strings";
import { shared } from "../styles/shared";
import { Section } from "./section";
import "../charts/sw-ruler";

@customElement("sw-why")
export class Why extends Section {
  readonly #watch = new Watch(this);

  protected override render() {
    const { channels, layers, model, node, channel, calibration, pictures } = this.#watch.state;
    // Its place is kept while there is hope for content.
    if (model && !calibration && pictures.length === 0) return nothing;
    const report = node === null ? undefined : model?.nodes[node];
    const all = layers["layer-wise"]?.ranges.length;
    const title = report && all && channel !== null ? text.ruler.why(channel, all, report.label) : "";
    return html`<section aria-label=${title || text.layer.name} class=${title ? "" : "empty"}>
      <h2>${title}</h2>
      <sw-ruler .layerWise=${channels["layer-wise"]} .shiftWise=${channels["shift-wise"]}></sw-ruler>
    </section>`;
  }

  static override styles = [
    shared,
    css`
      section {
        margin-top: 16px;
        padding-top: 12px;
        border-top: 1px solid var(--line);
        min-height: 248px;
      }
      section.empty {
        visibility: hidden;
      }
      h2 {
        margin-bottom: 8px;
        min-height: 1.4em;
      }
    `,
  ];
}
