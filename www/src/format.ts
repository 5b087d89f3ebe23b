/** Numbers for people. Integers and floats are set differently on the page; these give the characters only. */

/** A count with thin spaces between groups of three, so that it reads alike in every language. */
export function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, "\u202F");
}

/** A share of 1 as per cent with one decimal, but never 100 or 0 by rounding alone. */
export function percent(share: number): string {
  if (share === 1) return "100%";
  if (share === 0) return "0%";
  const shown = Math.min(99.9, Math.max(0.1, share * 100));
  return `${shown.toFixed(1)}%`;
}

/** A confidence: two decimals, as far as a softmax can be trusted. */
export function confidence(score: number): string {
  return score.toFixed(2);
}

export function decibels(value: number | null | undefined): string {
  return value == null ? "exact" : value.toFixed(1);
}

/** Three significant digits without an exponent where that stays short. */
export function real(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e5) return String(Number(value.toPrecision(3)));
  return value.toExponential(2).replace("e-", "e\u2212").replace("e+", "e");
}

export function bytes(value: number): string {
  if (value < 1024) return `${count(Math.ceil(value))} B`;
  const units = ["KB", "MB", "GB"];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

/** `1 x 28 x 28` without the batch dimension of one. */
export function shape(dims: readonly number[]): string {
  const shown = dims.length > 1 && dims[0] === 1 ? dims.slice(1) : dims;
  return shown.join("\u2009×\u2009");
}

/** R divided by what? `R/43`, with a decimal where the quotient is small. */
export function fraction(whole: number, part: number): string {
  if (part === 0) return "0";
  const quotient = whole / part;
  if (quotient < 1.005) return "R";
  return `R/${quotient < 10 ? quotient.toFixed(1).replace(/\.0$/, "") : Math.round(quotient)}`;
}
