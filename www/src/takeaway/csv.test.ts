import { describe, expect, it } from "vitest";
import { cells, toCsv } from "./csv";

function table(html: string): HTMLTableElement {
  const found = new DOMParser().parseFromString(`<table>${html}</table>`, "text/html").querySelector("table");
  if (!found) throw new Error("no table");
  return found;
}

describe("csv", () => {
  it("reads a table's cells as numbers that programs understand", () => {
    const given = table(
      "<thead><tr><th>Layer</th><th colspan=2>SQNR</th></tr></thead><tbody><tr><th>\n conv\n 1</th><td>\u221212.5</td><td>12\u202F345</td></tr></tbody>",
    );
    expect(cells(given)).toEqual([
      ["Layer", "SQNR", ""],
      ["conv 1", "-12.5", "12345"],
    ]);
  });

  it("quotes what would end a field, and lets no name become a formula", () => {
    expect(
      toCsv([
        ["a,b", 'say "x"', "-1.5"],
        ["=1+2", "-name", "@x"],
      ]),
    ).toBe('"a,b","say ""x""",-1.5\r\n\'=1+2,\'-name,\'@x\r\n');
  });
});
