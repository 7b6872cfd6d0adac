/** From values to positions: linear and logarithmic scales with ticks at round numbers. */

export interface Scale {
  /** Position in the drawing. */
  at(value: number): number;
  ticks: number[];
}

/** Ticks lie inside [low, high], about `wanted` of them, at 1, 2 or 5 times a power of ten. */
export function linearScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
  wanted: number,
): Scale {
  const span = high - low || 1;
  const step = roundStep(span / wanted);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // From whole multiples, so that 0.30000000000000004 does not appear.
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toFixed(Math.min(20, digits))),
  );
  return { at: (value) => from + ((value - low) / span) * (to - from), ticks };
}

/** @param low above 0. Ticks at 1, 2, 5 of each decade, fewer where the decades are many. */
export function logScale(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): Scale {
  const span = Math.log(high / low) || 1;
  const decades = Math.log10(high / low);
  const digits = decades > 3 ? [1] : decades > 1.6 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of digits) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low * 0.999 && tick <= high * 1.001) ticks.push(tick);
    }
  }
  const at = (value: number): number => from + (Math.log(value / low) / span) * (to - from);
  if (ticks.length >= 3) return { at, ticks };
  // Less than a decade: round steps say more than powers.
  return { at, ticks: linearScale([low, high], [from, to], 4).ticks.filter((tick) => tick > 0) };
}

/** Smallest and largest finite value; null when there is none. */
export function extent(values: Iterable<number>): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : null;
}

/** Some room on both sides; a single value gets room around itself. */
export function padded([low, high]: readonly [number, number], share = 0.05): [number, number] {
  const room = high > low ? (high - low) * share : Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

/** As short as it stays exact. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  const text =
    size >= 1e5 || size < 1e-3
      ? value.toExponential().replace('e+', 'e')
      : Number(value.toPrecision(6)).toString();
  return text.replace(/-/g, '−');
}

function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const ratio = step / power;
  // The nearest by ratio: the borders are the geometric means of 1, 2, 5 and 10.
  const digit = ratio < Math.SQRT2 ? 1 : ratio < Math.sqrt(10) ? 2 : ratio < Math.sqrt(50) ? 5 : 10;
  return digit * power;
}
