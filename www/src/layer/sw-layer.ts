/** The selected layer, one view at a time, with the same channel selected in all of them. */

import { css, html, nothing, type TemplateResult } from "lit";
import { customElement } from "lit/decorators.js";
import { Section } from "../components/section";
import { selection, shiftEditor } from "../context";
import { Watch } from "../state";
import { layerText as text } from "../strings/layer";
import { shared } from "../styles/shared";
import { LAYER_VIEWS, type LayerView } from "./views";
import "./sw-ranges-view";

/** What each tab shows. All but the first are loaded when they are asked for. */
const PANELS: Record<LayerView, { load?: () => Promise<unknown>; render: () => TemplateResult }> = {
  ranges: { render: () => html`<sw-ranges-view></sw-ranges-view>` },
  weights: { load: () => import("./sw-weights"), render: () => html`<sw-weights></sw-weights>` },
  maps: { load: () => import("./sw-maps"), render: () => html`<sw-maps></sw-maps>` },
};

@customElement("sw-layer")
export class LayerPane extends Section {
  readonly #watch = new Watch(this);

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("keydown", this.#onShortcut);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("keydown", this.#onShortcut);
  }

  /** Undo and redo anywhere on the page, but where text is written. */
  readonly #onShortcut = (event: KeyboardEvent) => {
    const [target] = event.composedPath();
    const writes = target instanceof HTMLInputElement && target.type !== "range";
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey) || event.altKey || writes) return;
    event.preventDefault();
    void (event.shiftKey ? shiftEditor.redo() : shiftEditor.undo());
  };

  /** In every view Escape lets go of the channel. */
  private onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") void selection.chooseChannel(null);
  }

  private onTabKey(event: KeyboardEvent): void {
    const at = LAYER_VIEWS.indexOf(this.#watch.state.view);
    const last = LAYER_VIEWS.length - 1;
    const targets: Record<string, number> = {
      ArrowLeft: at === 0 ? last : at - 1,
      ArrowRight: at === last ? 0 : at + 1,
      Home: 0,
      End: last,
    };
    const view = LAYER_VIEWS[targets[event.key] ?? -1];
    if (!view) return;
    event.preventDefault();
    void selection.chooseView(view);
    this.renderRoot.querySelector<HTMLElement>(`#tab-${view}`)?.focus();
  }

  protected override render() {
    const { model, node, layers, reports } = this.#watch.state;
    const info = node === null ? undefined : model?.nodes[node];
    if (!info) return nothing;
    const [layerWise, shiftWise] = (["layer-wise", "shift-wise"] as const).map((scheme) =>
      reports[scheme]?.layers.find((layer) => layer.node === node),
    );
    const ready = layerWise && shiftWise && layers["layer-wise"] && layers["shift-wise"];
    return html`<section aria-labelledby="heading">
      <h2 id="heading">${text.heading(info.index, info.label)} <span class="soft name">${info.name}</span></h2>
      ${
        ready
          ? html`<p class="soft small">
                ${text.fewLevels(
                  layerWise.channels_with_few_levels,
                  layerWise.channels,
                  shiftWise.channels_with_few_levels,
                )}
              </p>
              ${this.#tabs()}`
          : html`<p class="soft">${info.channels == null ? text.noWeights : text.noCalibration}</p>`
      }
    </section>`;
  }

  #tabs() {
    const { view } = this.#watch.state;
    const panel = PANELS[view];
    void panel.load?.();
    return html`<div class="tabs" role="tablist" aria-label=${text.viewsLabel} @keydown=${this.onTabKey}>
        ${LAYER_VIEWS.map(
          (each) =>
            html`<button
              role="tab"
              id="tab-${each}"
              aria-selected=${each === view}
              aria-controls="panel"
              tabindex=${each === view ? 0 : -1}
              @click=${() => selection.chooseView(each)}
            >
              ${text.views[each]}
            </button>`,
        )}
      </div>
      <div id="panel" role="tabpanel" aria-labelledby="tab-${view}" @keydown=${this.onKey}>${panel.render()}</div>`;
  }

  static override styles = [
    shared,
    css`
      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
      }
      h2 {
        font-size: 1.125rem;
      }
      .name {
        font-weight: 400;
        font-size: var(--small);
        overflow-wrap: anywhere;
      }
      .tabs {
        display: flex;
        gap: 24px;
        border-bottom: 1px solid var(--line);
        margin-bottom: 8px;
        overflow-x: auto;
      }
      .tabs button {
        min-height: 40px;
        padding: 0 2px;
        border: 0;
        border-bottom: 3px solid transparent;
        border-radius: 0;
        background: none;
        color: var(--soft);
      }
      .tabs button:focus-visible {
        outline-offset: -2px;
      }
      .tabs button[aria-selected="true"] {
        border-bottom-color: var(--mark-line);
        color: var(--ink);
        font-weight: 650;
      }
    `,
  ];
}
