/** Integers as the bits of a register: two's complement, highest bit first. */

export const BASES = ["decimal", "hex", "bits"] as const;
export type Base = (typeof BASES)[number];

/** Fewest bits of a two's complement number that holds the value: 1 for 0 and -1. */
export function signedBits(value: bigint): number {
  const magnitude = value < 0n ? ~value : value;
  return magnitude === 0n ? 1 : magnitude.toString(2).length + 1;
}

/** The lowest `width` bits, highest first. */
export function bitsOf(value: bigint, width: number): string {
  return BigInt.asUintN(width, value).toString(2).padStart(width, "0");
}

function grouped(digits: string, size: number): string {
  const first = digits.length % size;
  const groups = first > 0 ? [digits.slice(0, first)] : [];
  for (let at = first; at < digits.length; at += size) groups.push(digits.slice(at, at + size));
  return groups.join("\u2009");
}

/** An integer written out; hexadecimal and binary as the register of `width` bits holds it. */
export function written(value: bigint, width: number, base: Base): string {
  switch (base) {
    case "decimal": {
      const sign = value < 0n ? "\u2212" : "";
      return sign + grouped((value < 0n ? -value : value).toString(), 3);
    }
    case "hex": {
      const digits = BigInt.asUintN(width, value).toString(16).toUpperCase();
      return `0x${grouped(digits.padStart(Math.ceil(width / 4), "0"), 4)}`;
    }
    case "bits":
      return grouped(bitsOf(value, width), 4);
  }
}

/** The 32 bits of a number that is a float32. */
export function floatBits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

/** A float32 with the nine digits that tell it from all others, or its bits. */
export function writtenReal(value: number, base: Base): string {
  if (base !== "decimal") return written(floatBits(value), 32, base);
  return String(Number(value.toPrecision(9))).replaceAll("-", "\u2212");
}
