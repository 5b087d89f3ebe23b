/** Tables of the page as comma-separated values that spreadsheets and scripts read alike (RFC 4180). */

/** Digits are grouped by narrow spaces and negative numbers have a real minus on the page; programs want neither. */
function plain(shown: string): string {
  return shown
    .replace(/(?<=\d)[\u2009\u202F](?=\d)/g, "")
    .replace(/\u2212(?=[\d.])/g, "-")
    .replace(/\s+/g, " ")
    .trim();
}

function field(value: string): string {
  // Names come from models: none may become a formula in somebody's spreadsheet.
  const harmless = /^[=@+-]/.test(value) && !/^[+-][\d.]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The cells of a table, row by row; a cell that spans columns is followed by empty ones. */
export function cells(table: HTMLTableElement): string[][] {
  return [...table.rows].map((row) =>
    [...row.cells].flatMap((cell) => [
      plain(cell.textContent ?? ""),
      ...Array.from({ length: Math.max(0, cell.colSpan - 1) }, () => ""),
    ]),
  );
}

export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}
