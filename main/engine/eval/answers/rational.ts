/**
 * Exact fractions of big integers, in lowest terms with a positive denominator. Every result is
 * bounded: beyond LARGEST_BITS an operation gives null ("not known exactly"), so that a hostile
 * answer such as 9^9^9 costs nothing.
 */
export interface Rational {
  top: bigint;
  /** Positive. */
  bottom: bigint;
}

const LARGEST_BITS = 4096;
const limit = 1n << BigInt(LARGEST_BITS);

/** Null for a denominator of 0 and for numbers that are too large. */
export function rational(top: bigint, bottom = 1n): Rational | null {
  if (bottom === 0n || tooLarge(top) || tooLarge(bottom)) return null;
  const divisor = greatestCommonDivisor(top, bottom) * (bottom < 0n ? -1n : 1n);
  return { top: top / divisor, bottom: bottom / divisor };
}

export function add(a: Rational, b: Rational): Rational | null {
  return rational(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

export function multiply(a: Rational, b: Rational): Rational | null {
  return rational(a.top * b.top, a.bottom * b.bottom);
}

export function divide(a: Rational, b: Rational): Rational | null {
  return rational(a.top * b.bottom, a.bottom * b.top);
}

export function negate(a: Rational): Rational {
  return { top: -a.top, bottom: a.bottom };
}

/** Whole exponents only. */
export function power(base: Rational, exponent: Rational): Rational | null {
  if (exponent.bottom !== 1n) return null;
  const size = exponent.top < 0n ? -exponent.top : exponent.top;
  const bits = Math.max(base.top.toString(2).length, base.bottom.toString(2).length);
  if (size > 100_000n || Number(size) * bits > LARGEST_BITS) {
    const isUnit = base.bottom === 1n && (base.top === 1n || base.top === -1n);
    if (!isUnit) return null;
    return size % 2n === 0n ? { top: 1n, bottom: 1n } : base;
  }
  const raised = { top: base.top ** size, bottom: base.bottom ** size };
  return exponent.top < 0n
    ? rational(raised.bottom, raised.top)
    : rational(raised.top, raised.bottom);
}

/** Null where the root is no fraction. */
export function squareRoot({ top, bottom }: Rational): Rational | null {
  if (top < 0n) return null;
  const [a, b] = [integerRoot(top), integerRoot(bottom)];
  return a * a === top && b * b === bottom ? { top: a, bottom: b } : null;
}

/** Null beyond 400!. */
export function factorial(value: Rational): Rational | null {
  if (value.bottom !== 1n || value.top < 0n || value.top > 400n) return null;
  let product = 1n;
  for (let factor = 2n; factor <= value.top; factor++) product *= factor;
  return rational(product);
}

export function equal(a: Rational, b: Rational): boolean {
  return a.top === b.top && a.bottom === b.bottom;
}

/** About the nearest double; ±Infinity beyond its range. */
export function toNumber({ top, bottom }: Rational): number {
  const bits = Math.max(top.toString(2).length, bottom.toString(2).length);
  const shift = BigInt(Math.max(0, bits - 1000));
  return Number(top >> shift) / Number(bottom >> shift);
}

/** Of text such as "12", "0.75", ".5"; null for anything else. */
export function fromDecimal(text: string): { value: Rational; decimals: number } | null {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match || text.length > 1000) return null;
  const whole = match[1]!;
  const decimals = match[2] ?? '';
  if (whole + decimals === '') return null;
  const value = rational(BigInt(whole + decimals), 10n ** BigInt(decimals.length));
  return value && { value, decimals: decimals.length };
}

function tooLarge(value: bigint): boolean {
  return value >= limit || value <= -limit;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** Newton's iteration; the root rounded down. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let guess = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + value / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
