// Tables on the terminal.

import { say } from "./run.mjs";

/**
 * Lines of a table, columns as wide as they must be: the first flush left, the others flush right.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)];
}

/** Prints a table below its title. */
export function printTable(title, head, rows) {
  say(`\n${title}`);
  table(head, rows).forEach(say);
}
