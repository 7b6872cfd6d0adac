/**
 * The unit of a quantity and what is left without it: `10\text{ cm}`, `5 apples`, `\$3.50`, `50\%`,
 * `45^\circ`. Known units have a dimension and a size in it, so that 1 m equals 100 cm and differs
 * from 1 kg; words that are no known unit say nothing and are ignored.
 */
export interface Unit {
  dimension: string;
  /** In the dimension's own unit. */
  size: number;
}

export interface Quantity {
  value: string;
  unit: Unit | null;
}

const table: Record<string, [number, string][]> = {
  percent: [[1, 'percent']],
  angle: [
    [1, 'degree degrees deg'],
    [180 / Math.PI, 'rad radian radians'],
  ],
  length: [
    [0.001, 'mm millimeter millimeters millimetre millimetres'],
    [0.01, 'cm centimeter centimeters centimetre centimetres'],
    [1, 'm meter meters metre metres'],
    [1000, 'km kilometer kilometers kilometre kilometres'],
    [0.0254, 'inch inches'],
    [0.3048, 'ft foot feet'],
    [0.9144, 'yd yard yards'],
    [1609.344, 'mi mile miles'],
  ],
  mass: [
    [0.001, 'mg milligram milligrams'],
    [1, 'g gram grams'],
    [1000, 'kg kilogram kilograms'],
    [453.59237, 'lb lbs pound pounds'],
    [28.349523125, 'oz ounce ounces'],
  ],
  time: [
    [1, 's sec secs second seconds'],
    [60, 'min mins minute minutes'],
    [3600, 'h hr hrs hour hours'],
    [86400, 'day days'],
    [604800, 'week weeks'],
  ],
  volume: [
    [0.001, 'mL ml milliliter milliliters millilitre millilitres'],
    [1, 'L l liter liters litre litres'],
  ],
  money: [
    [1, '\\$ $ dollar dollars usd'],
    [0.01, 'cent cents'],
  ],
  euro: [[1, '€ euro euros']],
  sterling: [[1, '£']],
};
const units = new Map(
  Object.entries(table).flatMap(([dimension, entries]) =>
    entries.flatMap(([size, names]) =>
      names.split(' ').map((name) => [name, { dimension, size }] as const),
    ),
  ),
);

const unitText =
  /\\(?:text|textrm|textnormal|mathrm|mbox|rm)\s*\{([^{}]*)\}(?:\s*\^\s*\{?([23])\}?)?$/;
/** Words are separated, so that there is one way to read them and no time lost on others. */
const spokenUnit =
  /(?<=[\d)}/%])\s*((?:[a-zA-Z]{1,20}\.?[ -]){0,4}[a-zA-Z]{1,20}\.?)(?:\^\{?([23])\}?)?$/;

/** @param text cleaned (clean-answer.ts) */
export function splitUnit(text: string): Quantity {
  const money = /^(-?)\s*(\\\$|\$|€|£)\s*(?=[\d.(\\-])/.exec(text);
  if (money) {
    const value = money[1]! + text.slice(money[0].length);
    return { value: splitUnit(value).value, unit: units.get(money[2]!)! };
  }
  const percent = /\s*(?:\\?%|percent|per cent|\\text\s*\{\s*(?:percent|\\?%)\s*\})$/.exec(text);
  if (percent) return quantity(text, percent, units.get('percent')!);
  const degree = /\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degree)\s*(?:\\text\s*\{?)?\s*[CF]?\}?$/.exec(
    text,
  );
  if (degree) return quantity(text, degree, units.get('degree')!);
  const words = unitText.exec(text);
  if (words && words.index > 0 && !/[-+*/^_=(,<>&]\s*$/.test(text.slice(0, words.index))) {
    return quantity(text, words, named(words[1]!, words[2]));
  }
  const spoken = spokenUnit.exec(text);
  if (spoken && isUnitLike(text, spoken))
    return quantity(text, spoken, named(spoken[1]!, spoken[2]));
  return { value: text, unit: null };
}

function quantity(text: string, found: RegExpExecArray, unit: Unit | null): Quantity {
  const value = text.slice(0, found.index).trim();
  return value === '' ? { value: text, unit: null } : { value, unit };
}

/** Words of two letters and more after a number; "3x" and "2 pi" are products, not quantities. */
function isUnitLike(text: string, found: RegExpExecArray): boolean {
  const words = found[1]!.trim().replace(/\.$/, '');
  if (/^(?:pi|sqrt|or|and|in|mod|to|i|e|ln|log|sin|cos|tan)\b/.test(words)) return words === 'in';
  const spaced = /^\s/.test(found[0]);
  const isSymbol = units.has(words) && (words.length > 1 || spaced);
  const isProduct = !spaced && words.length <= 3;
  const wholeNumber = /^[-+\d.,/ ]*\d$|^-?\\frac\{\d+\}\{\d+\}$/.test(
    text.slice(0, found.index).trim(),
  );
  return isSymbol || (wholeNumber && !isProduct && /^[a-zA-Z]{2}/.test(words));
}

function named(words: string, exponent: string | undefined): Unit | null {
  const plain = words.trim().replace(/\.$/, '').replace(/^in$/, 'inch');
  const area = /^(?:square|sq\.?)\s+(.+)$/i.exec(plain);
  const cube = /^(?:cubic|cu\.?)\s+(.+)$/i.exec(plain);
  const dimensions = exponent !== undefined ? Number(exponent) : area ? 2 : cube ? 3 : 1;
  const name = (area ?? cube)?.[1] ?? plain;
  const unit = units.get(name) ?? units.get(name.toLowerCase());
  if (!unit || dimensions === 1) return unit ?? null;
  return { dimension: `${unit.dimension}^${dimensions}`, size: unit.size ** dimensions };
}
