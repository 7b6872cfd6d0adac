/**
 * Two generated tasks for studies, each with a difficulty that counts: word problems of n operations on
 * one quantity, and programs of n statements whose output is to be said. Both are answered with a trace,
 * one operation a line. Numbers stay between 0 and 20. The last level of each is meant for testing
 * whether a model goes on beyond the lengths it was trained on.
 */
import type { ArithmeticLevel, Draw, Problem } from './arithmetic-levels.ts';

/** Names of the levels: `story-steps-1` ... `story-steps-5`, `code-2` ... `code-6`. */
export const studyLevels: Readonly<Record<string, ArithmeticLevel>> = Object.fromEntries([
  ...[1, 2, 3, 4, 5].map((steps): [string, ArithmeticLevel] => [
    `story-steps-${steps}`,
    { about: `a story of ${steps} operations on one quantity`, draw: (draw) => story(draw, steps) },
  ]),
  ...[2, 3, 4, 5, 6].map((statements): [string, ArithmeticLevel] => [
    `code-${statements}`,
    {
      about: `the output of a program of ${statements} statements`,
      draw: (draw) => program(draw, statements),
    },
  ]),
]);

/** Of all values on the way: few enough facts for a small model to learn. */
const largest = 20;

type Operator = '+' | '-' | '*';

/** An operation that keeps the value between 0 and `largest`. */
function operation(
  draw: Draw,
  value: number,
): { operator: Operator; operand: number; result: number } {
  for (;;) {
    const operator = (['+', '-', '*'] as const)[draw(0, 2)]!;
    const operand = operator === '*' ? 2 : draw(1, 5);
    const result = apply(value, operator, operand);
    if (result >= 0 && result <= largest) return { operator, operand, result };
  }
}

function apply(value: number, operator: Operator, operand: number): number {
  if (operator === '*') return value * operand;
  return operator === '+' ? value + operand : value - operand;
}

const people = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eva', 'Finn'];
const things = ['apples', 'coins', 'books', 'cards', 'shells', 'stamps'];
const phrases: Record<Operator, readonly ((n: number) => string)[]> = {
  '+': [(n) => `gets ${n} more`, (n) => `finds ${n} more`, (n) => `buys ${n}`],
  '-': [(n) => `gives away ${n}`, (n) => `loses ${n}`, (n) => `sells ${n}`],
  '*': [() => 'doubles them', (n) => `has ${n} times as many now`],
};

function story(draw: Draw, count: number): Problem {
  const who = people[draw(0, people.length - 1)]!;
  const what = things[draw(0, things.length - 1)]!;
  let value = draw(1, 15);
  const steps: string[] = [];
  const sentences = [`${who} has ${value} ${what}`];
  let key = String(value);
  for (let step = 0; step < count; step++) {
    const { operator, operand, result } = operation(draw, value);
    const choices = phrases[operator];
    sentences.push(choices[draw(0, choices.length - 1)]!(operand));
    steps.push(`${value}${operator}${operand}=${result}`);
    key += `${operator}${operand}`;
    value = result;
  }
  const prompt = `${sentences.join(', ')}. How many ${what} are there?`;
  return { key, prompt, steps, answer: value };
}

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** Assignments from earlier variables, updates in place, and `if` over a comparison; then print. */
function program(draw: Draw, count: number): Problem {
  const values: number[] = [draw(1, 15)];
  const lines = [`a = ${values[0]}`];
  const steps: string[] = [];
  for (let statement = 1; statement < count; statement++) {
    const kind = draw(0, 2);
    const from = draw(0, values.length - 1);
    const { operator, operand, result } = operation(draw, values[from]!);
    const working = `${values[from]}${operator}${operand}=${result}`;
    const source = names[from]!;
    if (kind === 0) {
      lines.push(`${names[values.length]} = ${source} ${operator} ${operand}`);
      steps.push(`${names[values.length]}=${working}`);
      values.push(result);
    } else if (kind === 1) {
      lines.push(`${source} = ${source} ${operator} ${operand}`);
      steps.push(`${source}=${working}`);
      values[from] = result;
    } else {
      const limit = draw(0, 15);
      const holds = values[from]! > limit;
      lines.push(`if ${source} > ${limit}: ${source} = ${source} ${operator} ${operand}`);
      steps.push(
        holds ? `${values[from]}>${limit} yes ${source}=${working}` : `${values[from]}>${limit} no`,
      );
      if (holds) values[from] = result;
    }
  }
  const shown = draw(0, values.length - 1);
  lines.push(`print(${names[shown]})`);
  return { key: lines.join(';'), prompt: lines.join('\n'), steps, answer: values[shown]! };
}
