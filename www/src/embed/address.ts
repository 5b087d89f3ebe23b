/** What of the page's address concerns the figure: its attributes as an element. The page clamps what it is given. */

export const FIGURE_KEYS = [
  "shift",
  "weights",
  "activations",
  "profile",
  "ranges",
  "bias",
  "rounding",
  "overflow",
  "multiplier",
  "accumulator",
  "biasbits",
  "calibration",
  "unbalance",
  "picture",
  "model",
] as const;

/** The figure's address, with what `given` says of each key; null leaves it as usual. */
export function figureAddress(given: (key: string) => string | null, page: URL): string {
  const query = new URLSearchParams({ v: "1", embed: "" });
  for (const key of FIGURE_KEYS) {
    const value = given(key);
    if (value !== null) query.set(key, value);
  }
  return new URL(`#${query}`, page).href;
}
