import { beforeAll, describe, expect, it } from 'vitest';
import { random } from '../../fixtures/operation-check.ts';
import { largestDifference } from '../../fixtures/deviation.ts';
import { gradients } from './differentiate.ts';
import { island } from './island.ts';
import { add, exp, multiply, square, subtract } from './ops/elementwise.ts';
import { gather } from './ops/gather.ts';
import { sum } from './ops/shape.ts';
import { Program } from './program.ts';
import type { Value } from './scope.ts';
import type { Fetched } from './call.ts';
import { openSession } from './session.ts';

const x = Float32Array.from(random([4, 3], 1).data);
const y = Float32Array.from(random([3], 2).data);
const rows = Int32Array.of(2, 0, 2);
/** What a rule of one's own returns, recognisably: 100 times the gradient. */
const marked = 100;

function build(islands: 'xla' | 'plain') {
  const program = new Program({ islands, functions: 'plain' });
  const inputs = {
    x: program.placeholder('f32', [4, 3]),
    y: program.placeholder('f32', [3]),
    rows: program.placeholder('i32', [3]),
  };
  const outputs: Record<string, Value> = {};
  const body = ([a, b, r]: Value[]): Value[] => [
    multiply(exp(gather(a!, r!)), b!),
    sum(square(b!), [0]),
  ];
  const [wide, narrow] = island('two_outputs', [inputs.x, inputs.y, inputs.rows], body);
  outputs['wide'] = wide!;
  outputs['narrow'] = narrow!;
  const record = (name: string, found: readonly (Value | null)[]): void =>
    found.forEach((gradient, index) => {
      if (gradient) outputs[`${name} ${index}`] = gradient;
    });
  const ones = (value: Value): Value => add(multiply(value, 0), 1);
  const seeds = [ones(wide!), ones(narrow!)];
  record('both', gradients([wide!, narrow!], seeds, [inputs.x, inputs.y]));
  record('wide only', gradients([wide!], [seeds[0]!], [inputs.x, inputs.y]));
  record('narrow only', gradients([narrow!], [seeds[1]!], [inputs.x, inputs.y]));
  record('of y only', gradients([wide!, narrow!], seeds, [inputs.y]));
  const [own] = island('own_rule', [inputs.y], ([b]) => [square(b!)], ([dy]) => [
    multiply(dy!, marked),
  ]); // prettier-ignore
  record('own rule', gradients([own!], [ones(own!)], [inputs.y]));
  const [chained] = island('after', [wide!, narrow!], ([a, b]) => [subtract(multiply(a!, a!), b!)]);
  record('chain', gradients([chained!], [ones(chained!)], [inputs.x, inputs.y]));
  program.entry('all', inputs, outputs);
  return program;
}

describe('an island', () => {
  const results: Record<string, Record<string, Fetched>> = {};
  const programs = { plain: build('plain'), xla: build('xla') };
  beforeAll(async () => {
    for (const [placement, program] of Object.entries(programs)) {
      const session = await openSession(program);
      results[placement] = session.call('all', { x, y, rows });
      session.close();
    }
  });

  it('gives the same compiled as inlined, with its gradients', () => {
    const { plain, xla } = results as { plain: Record<string, Fetched>; xla: typeof plain };
    expect(Object.keys(xla).sort()).toEqual(Object.keys(plain).sort());
    for (const [name, expected] of Object.entries(plain)) {
      expect(largestDifference(xla[name]!, expected), name).toBeLessThan(5e-6);
    }
  });

  it('is a compiled function, or none at all', () => {
    const names = (program: Program): string[] =>
      [...program.library.functions.values()].filter((f) => f.xla).map((f) => f.name);
    expect(names(programs.xla).filter((name) => name.startsWith('two_outputs_'))).not.toEqual([]);
    expect(names(programs.plain)).toEqual([]);
  });

  it.each(['plain', 'xla'])('has the gradients of what flows back alone, %s', (placement) => {
    const found = results[placement]!;
    const fromWide = (j: number): number =>
      [...rows].reduce((total, row) => total + Math.exp(x[3 * row + j]!), 0);
    const expectedY = Array.from(y, (value, j) => fromWide(j) + 2 * value);
    const expectedX = Array.from(x, (value, i) => {
      const times = rows.filter((row) => row === Math.floor(i / 3)).length;
      return times * Math.exp(value) * y[i % 3]!;
    });
    expect(largestDifference(found['both 0']!, expectedX)).toBeLessThan(1e-5);
    expect(largestDifference(found['both 1']!, expectedY)).toBeLessThan(1e-5);
    expect(largestDifference(found['of y only 0']!, expectedY)).toBeLessThan(1e-5);
    expect(largestDifference(found['wide only 0']!, expectedX)).toBeLessThan(1e-5);
    expect(largestDifference(found['wide only 1']!, [0, 1, 2].map(fromWide))).toBeLessThan(1e-5);
    expect(
      largestDifference(
        found['narrow only 1']!,
        y.map((v) => 2 * v),
      ),
    ).toBeLessThan(1e-5);
    expect(found['narrow only 0'], 'nothing flows to x').toBeUndefined();
  });

  it.each(['plain', 'xla'])('follows a rule of its own where one is given, %s', (placement) => {
    expect([...results[placement]!['own rule 0']!]).toEqual([marked, marked, marked]);
  });
});
