/**
 * Colours of the classes of a mask: nine that people with any kind of colour vision tell apart (Paul Tol's "muted"
 * scheme, personal.sron.nl/~pault), without the hues of the schemes.
 */

const COLOURS = ["#cc6677", "#332288", "#ddcc77", "#88ccee", "#882255", "#44aa99", "#aa4499", "#999933", "#117733"];

export type Palette = ReadonlyMap<number, string>;

/**
 * A colour for each class, different ones for up to nine. A class has the same colour in every picture, unless another
 * one of the picture has it already.
 */
export function palette(classes: Iterable<number>): Palette {
  const taken = new Set<number>();
  const colours = new Map<number, string>();
  for (const one of [...new Set(classes)].sort((a, b) => a - b)) {
    let place = one % COLOURS.length;
    for (let tried = 0; taken.has(place) && tried < COLOURS.length; tried++) place = (place + 1) % COLOURS.length;
    taken.add(place);
    if (taken.size === COLOURS.length) taken.clear();
    colours.set(one, COLOURS[place] ?? "#888888");
  }
  return colours;
}

/** Red, green and blue of `#rrggbb`. */
export function parts(colour: string): [number, number, number] {
  const value = parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
