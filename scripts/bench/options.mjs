// What can be asked of `npm run bench`.

import { parseArgs } from "node:util";
import { Failure } from "../lib/run.mjs";

const parts = ["latency", "pipeline", "startup"];

export const usage = `npm run bench -- [options]
  --json FILE      write every sample to FILE
  --models A,B     only networks whose name contains A or B
  --only X,Y       only contenders whose name contains X or Y
  --parts P,Q      of ${parts.join(", ")}; all when left out
  --rounds N       turns of every contender, 10 when left out
  --starts N       fresh browsers for every contender, 3 when left out
  --tflite DIR     LiteRT.js too, with DIR/NAME.f32.tflite and DIR/NAME.int8.tflite`;

/** @param {string[]} args  of the command line */
export function parseOptions(args) {
  const text = { type: "string" };
  const options = {
    json: text,
    models: text,
    only: text,
    parts: text,
    rounds: text,
    starts: text,
    tflite: text,
    help: { type: "boolean" },
  };
  let values;
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw new Failure(`${error.message}\n\n${usage}`);
  }
  const list = (name) => values[name]?.split(",");
  const count = (name, otherwise) => {
    const number = Number(values[name] ?? otherwise);
    if (!Number.isInteger(number) || number < 1) throw new Failure(`--${name} is a number from 1.`);
    return number;
  };
  const unknown = list("parts")?.find((part) => !parts.includes(part));
  if (unknown) throw new Failure(`There is no part ${unknown}; there are: ${parts.join(", ")}.`);
  return {
    json: values.json,
    models: list("models"),
    only: list("only"),
    parts: list("parts") ?? parts,
    rounds: count("rounds", 10),
    starts: count("starts", 3),
    tflite: values.tflite,
    help: values.help ?? false,
  };
}
