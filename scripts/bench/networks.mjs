// The networks that are timed, as lists of layers: shapes, pads and work, no numbers. Batch normalization is folded away,
// pads are TensorFlow's "SAME", widths and strides are the papers' (arXiv:1704.04861, 1801.04381, 1512.03385).

/**
 * One layer. `inputs` are indices of earlier layers, -1 the picture. `output` is [channels, height, width].
 *
 * @typedef {{
 *   type: "conv" | "add" | "max-pool" | "mean" | "dense",
 *   inputs: number[],
 *   output: [number, number, number],
 *   window?: { kernel: number, stride: number, pads: [number, number, number, number] },
 *   groups?: number,
 *   weight?: number[],
 *   activation?: "relu" | "relu6",
 *   macs: number,
 * }} Layer
 */

/** Length after a window has passed with "SAME" pads, and the pads: the odd one goes to the end. */
export function samePads(length, kernel, stride) {
  const output = Math.ceil(length / stride);
  const total = Math.max((output - 1) * stride + kernel - length, 0);
  return { output, before: Math.floor(total / 2), after: Math.ceil(total / 2) };
}

class Network {
  /** @type {Layer[]} */
  layers = [];

  constructor(name, side) {
    this.name = name;
    this.side = side;
  }

  /** Multiply-accumulates of one inference; pads count as if they were pixels, as is customary. */
  get macs() {
    return this.layers.reduce((sum, layer) => sum + layer.macs, 0);
  }

  /** Weights and biases. */
  get parameters() {
    const size = ({ weight }) => (weight ? product(weight) + weight[0] : 0);
    return this.layers.reduce((sum, layer) => sum + size(layer), 0);
  }

  shape(index) {
    return index < 0 ? [3, this.side, this.side] : this.layers[index].output;
  }

  conv(input, channels, kernel, stride, activation, groups = 1) {
    const [from] = this.shape(input);
    const { window, height, width } = this.#slide(input, kernel, stride);
    const weight = [channels, from / groups, kernel, kernel];
    const output = [channels, height, width];
    const macs = height * width * product(weight);
    return this.#push({ type: "conv", inputs: [input], output, window, groups, weight, activation, macs });
  }

  depthwise(input, stride, activation) {
    const [channels] = this.shape(input);
    return this.conv(input, channels, 3, stride, activation, channels);
  }

  add(left, right, activation) {
    return this.#push({ type: "add", inputs: [left, right], output: this.shape(left), activation, macs: 0 });
  }

  maxPool(input, kernel, stride) {
    const { window, height, width } = this.#slide(input, kernel, stride);
    const output = [this.shape(input)[0], height, width];
    return this.#push({ type: "max-pool", inputs: [input], output, window, macs: 0 });
  }

  /** The mean of every channel, and a fully connected layer. */
  classify(input, classes) {
    const [channels] = this.shape(input);
    const mean = this.#push({ type: "mean", inputs: [input], output: [channels, 1, 1], macs: 0 });
    const weight = [classes, channels];
    this.#push({ type: "dense", inputs: [mean], output: [classes, 1, 1], weight, macs: product(weight) });
    return this;
  }

  #slide(input, kernel, stride) {
    const [, height, width] = this.shape(input);
    const [down, across] = [samePads(height, kernel, stride), samePads(width, kernel, stride)];
    const pads = [down.before, across.before, down.after, across.after];
    return { window: { kernel, stride, pads }, height: down.output, width: across.output };
  }

  #push(layer) {
    return this.layers.push(layer) - 1;
  }
}

export const product = (numbers) => numbers.reduce((a, b) => a * b, 1);

function mobilenetV1(name, side, width, classes) {
  const network = new Network(name, side);
  const pairs = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ];
  pairs.push(...Array(5).fill([512, 1]), [1024, 2], [1024, 1]);
  let x = network.conv(-1, 32 * width, 3, 2, "relu6");
  for (const [channels, stride] of pairs) {
    x = network.conv(network.depthwise(x, stride, "relu6"), channels * width, 1, 1, "relu6");
  }
  return network.classify(x, classes);
}

function mobilenetV2(name, side, classes) {
  const network = new Network(name, side);
  // Expansion, channels, how often, stride of the first.
  const stages = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ];
  let x = network.conv(-1, 32, 3, 2, "relu6");
  for (const [expansion, channels, repeats, firstStride] of stages) {
    for (let i = 0; i < repeats; i++) {
      const stride = i === 0 ? firstStride : 1;
      const [from] = network.shape(x);
      let y = expansion === 1 ? x : network.conv(x, from * expansion, 1, 1, "relu6");
      y = network.conv(network.depthwise(y, stride, "relu6"), channels, 1, 1);
      x = i > 0 ? network.add(x, y) : y;
    }
  }
  return network.classify(network.conv(x, 1280, 1, 1, "relu6"), classes);
}

function resnet18(name, side, classes) {
  const network = new Network(name, side);
  let x = network.maxPool(network.conv(-1, 64, 7, 2, "relu"), 3, 2);
  for (const [channels, firstStride] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ]) {
    for (const stride of [firstStride, 1]) {
      const y = network.conv(network.conv(x, channels, 3, stride, "relu"), channels, 3, 1);
      const changes = stride !== 1 || network.shape(x)[0] !== channels;
      const shortcut = changes ? network.conv(x, channels, 1, stride) : x;
      x = network.add(shortcut, y, "relu");
    }
  }
  return network.classify(x, classes);
}

/** Named as the files that are made of them. */
export const networks = [
  mobilenetV2("mobilenet_v2_1.0_224", 224, 1000),
  mobilenetV1("mobilenet_v1_1.0_224", 224, 1, 1000),
  mobilenetV1("mobilenet_v1_0.25_96", 96, 0.25, 2),
  resnet18("resnet18_224", 224, 1000),
];
