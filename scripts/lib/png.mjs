// PNG files of screenshots, made smaller without changing a pixel: browsers filter them as if they were photographs.

import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
/** Bytes of a pixel by the header's colour type, at 8 bits: RGB and RGBA. */
const BYTES = { 2: 3, 6: 4 };

function chunksOf(png) {
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new Error("not a PNG file");
  const chunks = [];
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.push({ type: png.toString("latin1", at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function written({ type, data }) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

/** The neighbour that is nearest to left + above - corner, as the format defines. */
function paeth(left, above, corner) {
  const estimate = left + above - corner;
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(estimate - value));
  return a <= b && a <= c ? left : b <= c ? above : corner;
}

const PREDICTIONS = [
  () => 0,
  (left) => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => paeth(left, above, corner),
];

/** Header and pixels, row by row without gaps, of a file that a browser wrote (8 bits, RGB or RGBA, not interlaced). */
export function decode(png) {
  const chunks = chunksOf(png);
  const header = chunks[0].data;
  const [width, height, depth, colour] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8], header[9]];
  const bytes = BYTES[colour];
  if (depth !== 8 || !bytes || header[12] !== 0) throw new Error("a kind of PNG file that no browser writes");
  const coded = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data)));
  const row = width * bytes;
  const pixels = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const predict = PREDICTIONS[coded[y * (row + 1)]];
    for (let i = 0; i < row; i++) {
      const at = y * row + i;
      const left = i < bytes ? 0 : pixels[at - bytes];
      const above = y === 0 ? 0 : pixels[at - row];
      const corner = i < bytes || y === 0 ? 0 : pixels[at - row - bytes];
      pixels[at] = coded[y * (row + 1) + 1 + i] + predict(left, above, corner);
    }
  }
  return { header, row, pixels };
}

/** The same picture, unfiltered, which suits flat areas, and deflated as well as can be. */
export function compress(png) {
  const { header, row, pixels } = decode(png);
  const rows = [];
  for (let at = 0; at < pixels.length; at += row) rows.push(Buffer.of(0), pixels.subarray(at, at + row));
  const data = deflateSync(Buffer.concat(rows), { level: 9 });
  const chunks = [
    { type: "IHDR", data: header },
    { type: "IDAT", data },
    { type: "IEND", data: Buffer.alloc(0) },
  ];
  return Buffer.concat([SIGNATURE, ...chunks.map(written)]);
}
