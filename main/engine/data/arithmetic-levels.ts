/**
 * The kinds of problem and how each is worked out: sums and differences column by column from the
 * right with carry and borrow, products digit by digit, longer expressions one operation a line.
 * Stories ask the same in words. To add a level, add an entry that draws a problem.
 */

/** A whole number from..to, both included. */
export type Draw = (from: number, to: number) => number;

export interface Problem {
  /** The problem apart from its wording, e.g. "37+48"; equal for equal problems. */
  key: string;
  prompt: string;
  /** The working; without the final answer. */
  steps: string[];
  answer: number;
}

export interface ArithmeticLevel {
  /** For people. */
  about: string;
  draw: (draw: Draw) => Problem;
}

type Calculation = Omit<Problem, 'prompt'>;

export const arithmeticLevels: Readonly<Record<string, ArithmeticLevel>> = {
  'add-1': {
    about: 'a number of one or two digits plus one of one digit',
    draw: (draw) => sum(draw(1, 49), draw(1, 9)),
  },
  'subtract-1': {
    about: 'a number of one or two digits minus one of one digit',
    draw: (draw) => difference(draw(9, 49), draw(1, 9)),
  },
  'multiply-1': {
    about: 'products of two digits up to 9 * 9',
    draw: (draw) => product(draw(2, 9), draw(2, 9)),
  },
  'add-2': {
    about: 'sums of two-digit numbers',
    draw: (draw) => sum(draw(10, 99), draw(10, 99)),
  },
  'subtract-2': {
    about: 'differences of two-digit numbers',
    draw: (draw) => {
      const b = draw(10, 98);
      return difference(draw(b + 1, 99), b);
    },
  },
  'add-3': {
    about: 'a three-digit number plus one of two or three digits',
    draw: (draw) => sum(draw(100, 999), draw(10, 999)),
  },
  'subtract-3': {
    about: 'a three-digit number minus a smaller one of two or three digits',
    draw: (draw) => {
      const b = draw(10, 949);
      return difference(draw(Math.max(100, b + 1), 999), b);
    },
  },
  'multiply-2': {
    about: 'a two-digit number times a digit',
    draw: (draw) => product(draw(11, 99), draw(2, 9)),
  },
  'two-step': {
    about: 'a * b + c, a * b - c and a + b - c',
    draw: (draw) => {
      const [x, y, z] = [draw(2, 9), draw(2, 12), draw(2, 49)];
      const form = draw(0, 2);
      if (form === 0) {
        return question(twoSteps(x, '*', y, '+', z), `${x} * ${y} + ${z}`);
      }
      if (form === 1) {
        const less = Math.min(z, x * y - 1);
        return question(twoSteps(x, '*', y, '-', less), `${x} * ${y} - ${less}`);
      }
      const [a, b] = [draw(10, 60), draw(10, 60)];
      const less = Math.min(z, a + b - 1);
      return question(twoSteps(a, '+', b, '-', less), `${a} + ${b} - ${less}`);
    },
  },
  story: {
    about: 'a sum, a difference or a product in words',
    draw: (draw) => {
      const [who, what, verb] = scenes[draw(0, scenes.length - 1)]!;
      const form = draw(0, 2);
      if (form === 0) {
        const [a, b] = [draw(10, 99), draw(10, 99)];
        const prompt = `${who} has ${a} ${what} and ${verb} ${b} more. How many ${what} are there?`;
        return { ...addition(a, b), prompt };
      }
      if (form === 1) {
        const b = draw(10, 90);
        const a = draw(b + 1, 99);
        const prompt = `${who} has ${a} ${what} and sells ${b}. How many ${what} are left?`;
        return { ...subtraction(a, b), prompt };
      }
      const [a, b] = [draw(11, 49), draw(2, 9)];
      const prompt = `${who} fills ${b} boxes with ${a} ${what} each. How many ${what} are there?`;
      return { ...multiplication(a, b), prompt };
    },
  },
  'story-2': {
    about: 'two operations in words',
    draw: (draw) => {
      const [who, what, verb] = scenes[draw(0, scenes.length - 1)]!;
      if (draw(0, 1) === 0) {
        const [boxes, each] = [draw(2, 9), draw(3, 12)];
        const sold = draw(2, Math.min(49, boxes * each - 1));
        const prompt = `${who} fills ${boxes} boxes with ${each} ${what} each and sells ${sold}. How many ${what} are left?`;
        return { ...twoSteps(boxes, '*', each, '-', sold), prompt };
      }
      const [a, b] = [draw(10, 60), draw(10, 60)];
      const sold = draw(2, 49);
      const less = Math.min(sold, a + b - 1);
      const prompt = `${who} has ${a} ${what}, ${verb} ${b} more and sells ${less}. How many ${what} are left?`;
      return { ...twoSteps(a, '+', b, '-', less), prompt };
    },
  },
};

/** Who, has what, and gets more of it how. */
const scenes: readonly (readonly [string, string, string])[] = [
  ['A baker', 'rolls', 'bakes'],
  ['A farmer', 'eggs', 'finds'],
  ['A shop', 'books', 'buys'],
  ['A potter', 'cups', 'makes'],
  ['A gardener', 'plants', 'grows'],
  ['A tailor', 'shirts', 'sews'],
];

/** Column by column from the right; the carry is the third term. */
export function addition(a: number, b: number): Calculation {
  const steps: string[] = [];
  let carry = 0;
  for (const [x, y] of columns(a, b)) {
    const sum = x + y + carry;
    steps.push(`${x}+${y}${carry > 0 ? '+1' : ''}=${sum}`);
    carry = sum > 9 ? 1 : 0;
  }
  return { key: commutative(a, '+', b), steps, answer: a + b };
}

/** Column by column from the right; "10+" is the borrow taken, "-1" the one paid back. Needs a >= b. */
export function subtraction(a: number, b: number): Calculation {
  const steps: string[] = [];
  let borrow = 0;
  for (const [x, y] of columns(a, b)) {
    const plain = x - y - borrow;
    const digit = plain < 0 ? plain + 10 : plain;
    const paid = borrow > 0 ? '-1' : '';
    steps.push(`${plain < 0 ? '10+' : ''}${x}-${y}${paid}=${digit}`);
    borrow = plain < 0 ? 1 : 0;
  }
  return { key: `${a}-${b}`, steps, answer: a - b };
}

/** The digits of `a` from the right, each times the digit `b`, plus what was carried. */
export function multiplication(a: number, b: number): Calculation {
  const steps: string[] = [];
  let carry = 0;
  for (const x of digits(a)) {
    const product = x * b + carry;
    steps.push(`${x}*${b}${carry > 0 ? `+${carry}` : ''}=${product}`);
    carry = Math.floor(product / 10);
  }
  return { key: commutative(a, '*', b), steps, answer: a * b };
}

/** (a first b) second c, one operation a line. */
function twoSteps(
  a: number,
  first: '+' | '*',
  b: number,
  second: '+' | '-',
  c: number,
): Calculation {
  const middle = first === '*' ? a * b : a + b;
  const answer = second === '+' ? middle + c : middle - c;
  const steps = [`${a}${first}${b}=${middle}`, `${middle}${second}${c}=${answer}`];
  return { key: `${commutative(a, first, b)}${second}${c}`, steps, answer };
}

/** Digits of both from the right; the shorter number is filled up with zeros. */
function columns(a: number, b: number): [number, number][] {
  const [left, right] = [digits(a), digits(b)];
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, place) => [left[place] ?? 0, right[place] ?? 0]);
}

function digits(value: number): number[] {
  return Array.from(String(value), Number).reverse();
}

function commutative(a: number, operator: string, b: number): string {
  return `${Math.min(a, b)}${operator}${Math.max(a, b)}`;
}

function sum(a: number, b: number): Problem {
  return question(addition(a, b), `${a} + ${b}`);
}

function difference(a: number, b: number): Problem {
  return question(subtraction(a, b), `${a} - ${b}`);
}

function product(a: number, b: number): Problem {
  return question(multiplication(a, b), `${a} * ${b}`);
}

function question(calculation: Calculation, expression: string): Problem {
  return { ...calculation, prompt: `What is ${expression}?` };
}
