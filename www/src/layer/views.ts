/** The views of a layer, in the order of their tabs; the first is the usual one. */

export const LAYER_VIEWS = ["ranges", "weights", "maps"] as const;

export type LayerView = (typeof LAYER_VIEWS)[number];
