/** Words about where the trouble comes from. */

export const cause = {
  title: "Where the trouble comes from",
  slider: "Unbalance",
  even: "even",
  opened: "as it came",
  more: "more",
  value: (percent: number) => `${percent}%`,
  hint: "A power of two taken out of one layer's channel and given to the next layer's filter passes through a ReLU.",
  stays:
    "Float's answers are the same bits at every setting; only the room that each channel gets on the ruler changes.",
  impossible: "In this model no two layers follow each other with only a ReLU between them, so no factor can be moved.",
  picture: (first: string, second: string) => `Channels between ${first} and ${second}`,
  written: (name: string) => `written by ${name}`,
  read: (name: string) => `read by ${name}`,
  axis: "largest weight, \u00d72 per step",
  description: (channels: number, first: string, widest: number, second: string, widestBehind: number) =>
    `${channels} channels: in ${first} the widest is ${widest} times as wide as the narrowest, in ${second} ${widestBehind} times.`,
  channel: "Channel",
  headings: { folding: "Batch normalization", dead: "Nearly dead channels", training: "Nothing holds it back" },
  reasons: {
    folding:
      "In a MobileNet every convolution is followed by a batch normalization, which divides each channel by its own standard deviation. Folded into the weights, that division makes some filters hundreds of times as large as their neighbours.",
    dead: "A channel that hardly ever fires has a tiny deviation, and so a huge factor; in a depthwise layer its one filter then sets the scale of the whole layer, though it says next to nothing.",
    training: "In float it costs nothing: a ReLU hands on any factor, so training never evens channels out.",
  },
  bundled:
    "The digits model is too small to grow such channels by itself, so they were made, by powers of two like these; 0% evens them out.",
};
