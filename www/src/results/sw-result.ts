/** The picture of a scheme's result, as its task wants it. Classes are told in words and have none. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { SCHEMES, type Prediction, type Scheme, type TaskResult } from "../engine/types";
import type { State } from "../state";
import { things } from "../findings";
import { text } from "../strings";
import { shared } from "../styles/shared";
import type { Base } from "./frame";
import { rows } from "./legend";
import { palette } from "./palette";

/** The elements that draw results, loaded when the first such result comes. */
const VIEWS: Record<TaskResult["kind"], () => Promise<unknown>> = {
  classes: () => Promise.resolve(),
  boxes: () => import("./sw-boxes"),
  mask: () => import("./sw-mask"),
  image: () => import("./sw-restored"),
  value: () => import("./sw-number"),
};

/** How results are looked at: the same for all schemes. */
export interface Look {
  /** Of a mask's colours, 0..1. */
  opacity: number;
  /** Whether images are shown by their differences from float's. */
  differences: boolean;
}

@customElement("sw-result")
export class Result extends LitElement {
  @property() scheme: Scheme = "float";
  @property({ attribute: false }) predictions: State["predictions"] = {};
  @property({ attribute: false }) base: Base | null = null;
  @property({ attribute: false }) look!: Look;

  protected override render() {
    const { scheme, predictions, base, look } = this;
    const result = predictions[scheme]?.result;
    if (!result || !base) return nothing;
    const name = text.schemes[scheme];
    void VIEWS[result.kind]();
    switch (result.kind) {
      case "classes":
        return nothing;
      case "boxes":
        return html`<sw-boxes
          .boxes=${result.boxes}
          .float=${this.#float("boxes")?.boxes ?? null}
          .base=${base}
          .name=${name}
        ></sw-boxes>`;
      case "mask":
        return html`<sw-mask
          .mask=${result}
          .float=${this.#float("mask")}
          .palette=${palette(each(predictions, "mask").flatMap(([, mask]) => things(mask).map((one) => one.class)))}
          .rows=${Math.max(...each(predictions, "mask").map(([, { classes }]) => rows(classes.length)))}
          .base=${base}
          .opacity=${look.opacity}
          .name=${name}
        ></sw-mask>`;
      case "image":
        return html`<sw-restored
          .image=${result}
          .float=${this.#float("image")}
          .differences=${look.differences}
          .name=${name}
        ></sw-restored>`;
      case "value":
        return html`<sw-number
          .scheme=${scheme}
          .value=${result.value}
          .label=${result.label ?? null}
          .unit=${result.unit ?? null}
          .all=${Object.fromEntries(each(predictions, "value").map(([other, { value }]) => [other, value]))}
        ></sw-number>`;
    }
  }

  /** Float's result, for the other schemes. */
  #float<K extends TaskResult["kind"]>(kind: K): Extract<TaskResult, { kind: K }> | null {
    return this.scheme === "float" ? null : of(this.predictions.float, kind);
  }

  static override styles = [
    shared,
    css`
      :host([scheme="float"]) {
        --drawn: #17191c;
      }
      /* The hues of the light theme: below them is a picture, whatever the page is like. */
      :host([scheme="layer-wise"]) {
        --drawn: #b23a0e;
      }
      :host([scheme="shift-wise"]) {
        --drawn: #14599e;
      }
      :host([scheme="channel-wise"]) {
        --drawn: #0a6a4c;
      }
    `,
  ];
}

function of<K extends TaskResult["kind"]>(
  prediction: Prediction | undefined,
  kind: K,
): Extract<TaskResult, { kind: K }> | null {
  const result = prediction?.result;
  return result?.kind === kind ? (result as Extract<TaskResult, { kind: K }>) : null;
}

/** The results of this kind, in the order of the schemes. */
function each<K extends TaskResult["kind"]>(
  predictions: State["predictions"],
  kind: K,
): [Scheme, Extract<TaskResult, { kind: K }>][] {
  return SCHEMES.flatMap((scheme) => {
    const result = of(predictions[scheme], kind);
    return result ? [[scheme, result] as [Scheme, Extract<TaskResult, { kind: K }>]] : [];
  });
}
