/** Keys that move by layer in every view that shows one. */

/** Where page keys scroll or choose something else. */
const OWN = "select, .scroll, [role=grid]";

/** How far a key moves: to the next layer or the one before; null for other keys. */
export function layerStep(event: KeyboardEvent): 1 | -1 | null {
  const step = ({ PageUp: -1, PageDown: 1 } as const)[event.key] ?? null;
  const [target] = event.composedPath();
  const taken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  return taken || (target instanceof Element && target.matches(OWN)) ? null : step;
}

/** The layer with weights after a node, or before it; undefined at the end. */
export function neighbour(layers: readonly number[], node: number | null, step: 1 | -1): number | undefined {
  const at = node ?? -1;
  return step > 0 ? layers.find((layer) => layer > at) : layers.findLast((layer) => layer < at);
}
