/**
 * What is on pictures, by the rules of the command line: a `labels.csv` of `file,label`, or one folder for each class. A
 * label is a class's number or name.
 */

import { EngineError } from "../engine/errors";

export interface Classes {
  count: number;
  /** Empty where none are known. */
  names: readonly string[];
}

export interface Csv {
  /** Where it lies: its files are relative to its folder. */
  path: string;
  text: string;
}

/** A class for each path; null where it is not told. */
export function truthOf(paths: readonly string[], csv: Csv | null, classes: Classes): (number | null)[] {
  return csv ? fromCsv(paths, csv, classes) : fromFolders(paths, classes);
}

/** A folder of folders, one for each class. Where no folder is called like a class, folders mean something else. */
function fromFolders(paths: readonly string[], classes: Classes): (number | null)[] {
  const folders = paths.map((path) => path.split("/").slice(0, -1));
  const top = folders[0]?.[0];
  const isInOne = folders.every(([first]) => first === top);
  const names = folders.map((parts) => parts[isInOne ? 1 : 0]);
  const unknown: (number | null)[] = paths.map(() => null);
  const found = names.map((name) => (name === undefined ? null : numberOf(name, classes)));
  if (names.includes(undefined) || found.every((number) => number === null)) return unknown;
  return found.map((number, i) => number ?? outOfRange(names[i] ?? "", paths[i] ?? "", classes));
}

function fromCsv(paths: readonly string[], { path, text }: Csv, classes: Classes): (number | null)[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const places = new Map(paths.map((picture, i) => [picture, i]));
  const labels: (number | null)[] = paths.map(() => null);
  for (const [i, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (line.trim() === "" || (i === 0 && line.trim() === "file,label")) continue;
    const where = `${path} line ${i + 1}`;
    const fields = fieldsOf(line);
    if (!fields)
      throw bad(`${where}: '${line}' is not of the form file,label`, "give one picture and its class a line");
    const [file, label] = fields;
    const place = places.get(folder + file);
    if (place === undefined) {
      throw bad(`${where}: there is no picture '${file}'`, "drop the pictures together with the file, or their folder");
    }
    labels[place] = numberOf(label, classes) ?? outOfRange(label, where, classes);
  }
  return labels;
}

function numberOf(label: string, { count, names }: Classes): number | null {
  const number = /^\d+$/.test(label) ? Number(label) : names.indexOf(label);
  return number >= 0 && number < count ? number : null;
}

function outOfRange(label: string, where: string, { count }: Classes): never {
  const reason = /^\d+$/.test(label)
    ? `label ${label} is out of range: the model has ${count} classes`
    : `'${label}' is neither a class number nor the name of a class`;
  throw bad(`${where}: ${reason}`, "classes are numbered from 0");
}

/** The two fields of a CSV line; one in double quotes may hold commas, and quotes that are doubled. */
function fieldsOf(line: string): [string, string] | null {
  const field = String.raw`\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*`;
  const found = new RegExp(`^${field},${field}$`).exec(line);
  if (!found) return null;
  const text = (quoted: string | undefined, plain: string | undefined) =>
    quoted === undefined ? (plain ?? "").trim() : quoted.replaceAll('""', '"');
  const [file, label] = [text(found[1], found[2]), text(found[3], found[4])];
  return file && label ? [file, label] : null;
}

const bad = (reason: string, hint: string) => EngineError.of("bad-label", reason, hint);
