/** Words about many pictures at once. */

import type { Axis } from "../many/curves";
import type { Filter } from "../many/outcomes";
import { count, percent } from "../format";

const s = (n: number, one: string, many = `${one}s`) => `${count(n)} ${n === 1 ? one : many}`;
const share = (value: number | null) => (value === null ? "\u2013" : percent(value));

export const many = {
  title: "Many pictures",
  hint: (n: number) => `${s(n, "picture")} under every scheme. Choose one to see it above.`,
  none: "Drop a folder of pictures to see every scheme on all of them.",
  reading: "reading pictures",
  notCounted: (n: number, name: string, message: string) =>
    `${s(n, "picture")} could not be counted; the first is '${name}': ${message}`,
  unreadable: (message: string, others: number) =>
    others === 0 ? `Left out: ${message}` : `Left out: ${message}; and ${s(others, "other")} like it`,
  truthAlone: "A labels.csv belongs to pictures; drop it together with them, or drop their folder",

  // Where pictures come from
  openFolder: "Open a folder \u2026",
  openFolderHint: "A labels.csv (file,label) or one folder for each class tells what is on them.",
  camera: {
    open: "Use the camera",
    title: "Camera",
    hint: "A picture is taken only when you press the button. Nothing is recorded, nothing leaves this machine.",
    take: "Take a picture",
    done: "Done",
    starting: "Waiting for the camera \u2026",
    view: "What the camera sees",
    taken: (n: number) => `${s(n, "picture")} taken`,
    absent: "This browser gives no camera here; it needs one, and a secure address (https).",
    refused: "The camera was not allowed. Allow it in the browser's address bar and try again.",
    missing: "No camera was found. Connect one and try again.",
    failed: (reason: string) => `The camera did not start: ${reason}`,
    file: (n: number) => `camera ${n}.png`,
  },

  // Grid
  grid: "Pictures, and what each scheme says",
  gridKeys: "Arrow keys move, Enter shows the picture above.",
  filterLabel: "Show",
  filters: {
    all: "all",
    broken: "float right, layer-wise wrong",
    repaired: "shift-wise repairs",
    unrepaired: "shift-wise does not repair",
    lost: "only layer-wise right",
    "all-wrong": "all wrong",
  } satisfies Record<Filter, string>,
  filterBy: (name: string, n: number) => `${name}, ${count(n)}`,
  classLabel: "Class",
  anyClass: "any",
  noneLeft: "No picture is like this.",
  legend: { right: "right", wrong: "wrong", same: "as float", differs: "not as float" },
  readout: (name: string, truth: string | null, said: readonly string[]) =>
    `${name}${truth === null ? "" : `, it is ${truth}`}: ${said.join(", ")}`,
  says: (scheme: string, answer: string, right: boolean | null) =>
    `${scheme} ${answer}${right === false ? " (wrong)" : ""}`,
  answers: "Every answer",
  columns: { picture: "Picture", truth: "It is" },
  said: (answer: string, confidence: string) => `${answer} (${confidence})`,

  // Confusion
  confusion: "What is taken for what",
  confusionHint: (labelled: boolean) =>
    `A row for what ${labelled ? "is on the picture" : "float sees"}, a column for what the scheme says; the diagonal is right.`,
  partial: (n: number) => `The ${n} classes that are confused most.`,
  confusionOf: (scheme: string) => `${scheme}: classes taken for classes`,
  corner: "is \\ said",
  elsewhere: "other",

  // Curves
  curves: "How many bits it takes",
  draw: (n: number) => `Draw the curves on ${s(n, "picture")}`,
  again: "Draw again",
  drawing: (done: number, total: number) => `running, ${count(done)} of ${count(total)}`,
  outdated: "These curves belong to other pictures or settings.",
  curvesProblem: (message: string) => `Not everything could be computed: ${message}`,
  of: (labelled: boolean, n: number) => `${labelled ? "Right answers" : "Agreement with float"}, of ${s(n, "picture")}`,
  axes: { shiftBits: "shift bits", weightBits: "weight bits" } satisfies Record<Axis, string>,
  axisTitles: {
    shiftBits: (bits: number) => `Shift bits, with ${bits}-bit weights`,
    weightBits: (bits: number) => `Weight bits, with ${bits} shift bits`,
  } satisfies Record<Axis, (bits: number) => string>,
  chart: (title: string) => `${title}. Arrow keys move by one bit.`,
  at: (bits: number, axis: string, said: readonly string[]) => `${bits} ${axis}: ${said.join(", ")}`,
  point: (scheme: string, value: number | null) => `${scheme} ${share(value)}`,
  waiting: "Each scheme at every width: about thirty runs a picture, on spare processor cores.",

  // Reliability
  reliability: "Can its confidence be trusted?",
  reliabilityHint:
    "Ten bins of confidence, 0.1 wide. On the diagonal, of the pictures with confidence 0.8, 80% are right; larger marks are more pictures.",
  error: (value: number) => `calibration error ${percent(value)}`,
  errorHint: "Expected calibration error: the mean distance from the diagonal, weighed by pictures.",
  confidence: "confidence",
  accuracy: "right",
  bin: (low: number, high: number) => `${low.toFixed(1)} to ${high.toFixed(1)}`,
  table: {
    bin: "Confidence",
    pictures: "Pictures",
    confidence: "Mean confidence",
    accuracy: "Right",
    scheme: "Scheme",
  },

  // Tasks without classes
  agreement: "Agreement with float",
};
