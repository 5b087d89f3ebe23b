/** Label files: one class name a line, or a JSON list of names. */

import { EngineError } from "./engine/errors";

const bad = (reason: string) => EngineError.of("bad-label", reason, "give one class name a line, in class order");

export function parseLabels(text: string): string[] {
  const body = text.replace(/^\uFEFF/, "").trim();
  if (body === "") throw bad("the label file is empty");
  if (body.startsWith("[")) return fromJson(body);
  return body.split(/\r\n|\n|\r/).map((line) => line.trim());
}

function fromJson(body: string): string[] {
  let list: unknown;
  try {
    list = JSON.parse(body);
  } catch {
    throw bad("the label file is not valid JSON");
  }
  if (!Array.isArray(list) || !list.every((item) => typeof item === "string")) {
    throw bad("the label file is JSON, but not a list of names");
  }
  return list;
}
