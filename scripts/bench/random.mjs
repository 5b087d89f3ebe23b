// Numbers drawn from fixed seeds: the same weights and pictures on every machine, in Node and in the browser. Only
// + - * / and sqrt, which are the same everywhere.

/** Uniform numbers in [0, 1) of 32 bits: Marsaglia's xorshift (Journal of Statistical Software 8, 14). */
export function uniform(seed) {
  // Spreads small seeds over all bits; never 0, from which the generator would not get away.
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Nearly normal numbers of mean 0 and the given deviation: the sum of four uniform ones. */
export function nearlyNormal(seed, deviation) {
  const draw = uniform(seed);
  // Four uniform numbers have mean 2 and variance 4/12.
  const scale = deviation * Math.sqrt(3);
  return () => (draw() + draw() + draw() + draw() - 2) * scale;
}

/** A square picture of noise, RGBA. */
export function picture(seed, side) {
  const draw = uniform(seed);
  const rgba = new Uint8Array(4 * side * side);
  for (let i = 0; i < rgba.length; i++) rgba[i] = i % 4 === 3 ? 255 : Math.floor(draw() * 256);
  return rgba;
}

/** How pictures become input: values of mean 0 and deviation about 1, each an exact float. */
export const normalization = { mean: 127.5, std: 64 };

/** The input that a picture becomes, in ONNX order: channel by channel. */
export function inputOf(rgba) {
  const pixels = rgba.length / 4;
  const values = new Float32Array(3 * pixels);
  for (let c = 0; c < 3; c++) {
    for (let i = 0; i < pixels; i++) {
      values[c * pixels + i] = (rgba[4 * i + c] - normalization.mean) / normalization.std;
    }
  }
  return values;
}

/** Pictures 0 to 3 calibrate; the next is the one that is timed. */
export const calibrationSeeds = [101, 102, 103, 104];
export const inputSeed = 105;
