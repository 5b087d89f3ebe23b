/** Words of the lessons and of the hints that explain a term in one sentence. */

import type { LESSONS } from "../lessons/lessons";
import type { LessonId } from "../lessons/spots";
import type { Term } from "../lessons/term";
import { percent } from "../format";

export interface StepWords {
  say: string;
  /** What to do, and what was found by doing it. */
  task?: string;
  found?: string;
}

type LessonWords<Steps extends readonly unknown[]> = { name: string; steps: { [K in keyof Steps]: StepWords } };

export const lessons = {
  lessons: "Lessons",
  hint: "A few minutes each, on the page itself. Every lesson begins with the digits as they came, in a window of its own while another model is open.",
  entrance: "Why? In one minute",
  lesson: (n: number, of: number, name: string) => `Lesson ${n} of ${of}: ${name}`,
  step: (n: number, of: number) => `Step ${n} of ${of}`,
  back: "Back",
  next: "Next",
  skip: "Skip",
  nextLesson: (name: string) => `Next lesson: ${name}`,
  finish: "Finish",
  close: "Close the lesson",
  task: "To do",
  done: "Done",
  tried: (what: string, share: number) => `${what}: ${percent(share)}`,
  triedLabel: "Tried so far",
  more: (name: string) => `Lesson: ${name}`,

  courses: {
    ruler: {
      name: "The ruler",
      steps: [
        {
          say: "A network multiplies the picture with a great many numbers, its weights, and adds up. Chips for phones do that in whole numbers, so every weight is rounded to one of 255: from \u2212127 to 127. Beside the picture stand four ways of rounding. Three of them read the digit. Layer-wise, the cheapest, does not.",
        },
        {
          say: "Layer-wise has one ruler for all weights of a layer, as long as the largest of them needs. The weights of the channel shown here are tiny beside that one: on the upper ruler they all fall on the ticks around 0, and what the channel looked for in the picture is lost.",
        },
        {
          say: "Press the button that says Shift. Every weight of the channel is doubled until the channel fills the ruler, and only then rounded: each gets a tick of its own. Its sum is halved as often afterwards. For a chip that is a shift of binary digits, and it has to shift anyway.",
        },
        {
          say: "What did it cost? A few bits for each channel, to say how often to double. Nothing in the network was trained again.",
          task: "Take the shifts away: set Shift bits to 0 and watch shift-wise.",
          found:
            "Without shifts, shift-wise is layer-wise: the same integers, the same mistake, on this picture and on most of the 200.",
        },
      ],
    },
    bits: {
      name: "How many shift bits",
      steps: [
        {
          say: "With 4 shift bits a channel can be doubled 0 to 15 times. The last line of each card says what a scheme adds to the model: a multiplier for each channel takes several times what a shift takes. Would fewer bits do?",
        },
        {
          say: "Wait at each position until all pictures are counted; what you find is written down here.",
          task: "Find the fewest shift bits with which shift-wise is right on at least 95 of 100 test pictures.",
          found: "That is the edge: one bit less, and channels that needed more doublings fall back onto a few ticks.",
        },
        {
          say: "Each column of the chart is a channel: its widest weight before the shift and after it. With fewer bits the narrowest channels stop short of the top. They do not have to reach it; some dozens of ticks are enough for a channel to do its work.",
        },
      ],
    },
    cause: {
      name: "Where the trouble comes from",
      steps: [
        {
          say: "Why should channels of one layer differ so much? Because nothing keeps them alike. Divide a channel by 256 in one layer and multiply by 256 in the next: with a ReLU between them the network computes the same. Training and the folding of batch normalization leave such factors behind.",
        },
        {
          say: "The slider takes these factors out of the network (0%), or puts in more of them. Wait at each position until all pictures are counted.",
          task: "Find the largest unbalance at which layer-wise is still right on at least 95 of 100 test pictures.",
          found: "That is the edge: from here on the narrowest channels have too few ticks left.",
        },
        {
          say: "Float gave the same answers all the time, to the last bit. So it was never the network that was bad, but one ruler for channels of different size. Shift-wise gives each its own power of two, and does not mind.",
        },
      ],
    },
    weights: {
      name: "Fewer weight bits",
      steps: [
        {
          say: "With b bits a ruler has 2\u1d47 \u2212 1 ticks: 255 for eight bits, 15 for four. Half the bits are half the memory. Channel-wise shows how far plain rounding goes; layer-wise has nothing to spare from the start.",
        },
        {
          say: "Wait at each position until all pictures are counted.",
          task: "Find the fewest weight bits with which shift-wise is right on at least 95 of 100 test pictures.",
          found: "That is the edge of plain rounding.",
        },
        {
          say: "Rounding does not only add noise: the errors of one channel's weights add up to a mean, and that moves everything the channel says. The mean can be measured, and taken off the bias.",
          task: "Go one bit below the edge you found, without correction and then with Bias correction from pictures.",
          found: "Over the line again, at no cost when the network runs: the bias is added anyway.",
        },
      ],
    },
    datapath: {
      name: "Where the bits fall off",
      steps: [
        {
          say: "Each row is a step of the network, each mark a scheme; the further right, the closer its output is to float's. The first bad layer is flagged: there layer-wise begins to lose the picture. What follows inherits its error, and adds more.",
        },
        {
          say: "One output number of the selected layer, as the hardware computes it. Play it: products are added up in a 32-bit register, the bias is added, and the sum is multiplied by M and shifted right. Under shift-wise it is shifted by n + k: the last k bits are the doublings, taken back.",
        },
        {
          say: "Not every channel needs a shift. The one with the widest weights made the ruler as long as it is.",
          task: "Choose a channel whose shift is 0, by a click on the chart or by its number.",
          found: "For this channel both schemes compute the same integers: there was nothing to repair.",
        },
      ],
    },
  } satisfies { [Id in LessonId]: LessonWords<(typeof LESSONS)[Id]> },

  /** One sentence each. */
  terms: {
    float: "The network as it was trained, in 32-bit floating point: what the other three are held against.",
    "layer-wise": "All weights of a layer are rounded to one ruler, which is as long as its largest weight needs.",
    "shift-wise":
      "Layer-wise, but each channel's weights are doubled k times before rounding, and its sum is shifted back by k.",
    "channel-wise": "Each channel has a ruler of its own, and so a multiplier of its own that the hardware must have.",
    shiftBits: "Bits that store a channel's shift: B of them allow 0 to 2\u1d2e \u2212 1 doublings.",
    weightBits: "Bits of every weight: b of them make a ruler of 2\u1d47 \u2212 1 ticks.",
    activationBits: "Bits of every number that one layer hands to the next.",
    profile: "Whose integers: one multiplier and a shift a layer, or exactly what the named engine computes.",
    ranges: "How the range of each activation follows from the calibration pictures.",
    bias: "Rounded weights shift each channel's mean; this takes the shift off its bias.",
  } satisfies Record<Term, string>,
};
