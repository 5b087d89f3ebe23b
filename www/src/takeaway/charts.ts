/** The charts that can be taken away. */

interface Chart {
  /** Selector of the picture, near the menu or else anywhere in the element around it. */
  of: string;
  /** Whether it is of the selected layer, and not of the whole model. */
  ofLayer: boolean;
}

export const CHARTS = {
  ruler: { of: ".plate", ofLayer: true },
  unbalance: { of: "figure", ofLayer: false },
  ranges: { of: "sw-ranges", ofLayer: true },
  shifts: { of: "table", ofLayer: true },
  weights: { of: ".sheets", ofLayer: true },
  maps: { of: ".sheets", ofLayer: true },
  accumulator: { of: "sw-accumulation", ofLayer: true },
  network: { of: ".sheet", ofLayer: false },
  accuracy: { of: "[role=slider]", ofLayer: false },
  confusion: { of: "table", ofLayer: false },
  reliability: { of: ".diagrams", ofLayer: false },
  boxes: { of: ".frame", ofLayer: false },
} as const satisfies Record<string, Chart>;

export type ChartName = keyof typeof CHARTS;
