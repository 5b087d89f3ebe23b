// @vitest-environment node
import { describe, expect, it } from "vitest";
import { crc32, deflateSync } from "node:zlib";
import { compress, decode } from "./png.mjs";

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
};

function png(width, rows, colour = 2) {
  const header = Buffer.from([0, 0, 0, width, 0, 0, 0, rows.length, 8, colour, 0, 0, 0]);
  const data = deflateSync(Buffer.from(rows.flat()));
  const parts = [chunk("IHDR", header), chunk("tEXt", Buffer.from("a\0b")), chunk("IDAT", data)];
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts, chunk("IEND", Buffer.alloc(0))]);
}

describe("png", () => {
  // Two pixels a row, worked out by hand from the format's definition of each filter.
  const file = png(2, [
    [0, 10, 20, 30, 40, 50, 60],
    [1, 1, 2, 3, 1, 1, 1],
    [2, 1, 1, 1, 255, 0, 1],
    [3, 5, 5, 5, 2, 2, 2],
    [4, 1, 1, 1, 0, 0, 0],
  ]);
  const pixels = [
    [10, 20, 30, 40, 50, 60],
    [1, 2, 3, 2, 3, 4],
    [2, 3, 4, 1, 3, 5],
    [6, 6, 7, 5, 6, 8],
    [7, 7, 8, 6, 7, 8],
  ].flat();

  it("reads every filter", () => {
    expect([...decode(file).pixels]).toEqual(pixels);
  });

  it("keeps every pixel when it compresses", () => {
    const small = compress(file);
    expect([...decode(small).pixels]).toEqual(pixels);
    expect(decode(small).header).toEqual(decode(file).header);
    expect(compress(small)).toEqual(small);
  });

  it("refuses what is no PNG file, or of another kind", () => {
    expect(() => compress(Buffer.from("GIF89a, and more"))).toThrow(/not a PNG/);
    expect(() => compress(png(1, [[0, 1]], 0))).toThrow(/no browser writes/);
  });
});
