/** Numbers as a report writes them: four significant digits, thousands separators, true minus signs. */

export const absent = '–';

/** A loss, an entropy, a norm: e.g. 0.0123, 1.235, 123,456, 2.00e−5. */
export function significant(value: number | undefined, digits = 4): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 10 ** digits && size < 1e15) return count(value);
  const text =
    size < 1e-3 || size >= 1e15 ? value.toExponential(digits - 2) : value.toPrecision(digits);
  return minus(text);
}

export function count(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  const digits = String(Math.round(Math.abs(value)));
  return (value < 0 ? '−' : '') + digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A share as a percentage with one decimal, e.g. "66.2 %". */
export function percent(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? absent : `${points(share)} %`;
}

/** A share times 100 with one decimal. */
export function points(share: number): string {
  return minus((share * 100).toFixed(1)).replace(/^−0\.0$/, '0.0');
}

/** With its sign: "+3.2", "−0.4", "0.0". */
export function signedPoints(share: number): string {
  const text = points(share);
  return share > 0 && text !== '0.0' ? `+${text}` : text;
}

/** As statistics journals print it: "p < 0.001", "p = 0.041". */
export function pValue(p: number): string {
  if (p < 0.001) return 'p < 0.001';
  return `p = ${p < 0.1 ? Number(p.toPrecision(2)) : p.toFixed(2)}`;
}

export function bytes(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return absent;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = value;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return `${amount.toFixed(unit === 0 || amount >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** 0.4 s, 12 s, 3 min 5 s, 2 h 10 min. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return absent;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const parts = (large: number, name: string, small: number, smallName: string): string =>
    small === 0 ? `${large} ${name}` : `${large} ${name} ${small} ${smallName}`;
  if (whole < 3600) return parts(Math.floor(whole / 60), 'min', whole % 60, 's');
  return parts(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

/** In UTC, so that a report reads the same everywhere: "2026-02-14 09:30 UTC". */
export function dateText(time: number | undefined): string {
  if (time === undefined || !Number.isFinite(time)) return absent;
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function minus(text: string): string {
  return text.replace(/-/g, '−');
}
