import { beforeAll, describe, expect, it } from 'vitest';
import { readHalves } from '../../fixtures/reference-model.ts';
import { island } from '../graph/island.ts';
import { callFunction } from '../graph/library.ts';
import { cast } from '../graph/ops/elementwise.ts';
import { Program } from '../graph/program.ts';
import { openSession, type Session } from '../graph/session.ts';
import { defineAdamW, updatePlaceholders, updateScalarsAt } from './adamw.ts';
import { roundingBits, roundStochastically } from './stochastic-rounding.ts';

const shape = [256, 256];
const count = 256 * 256;
const unit = 2 ** -7; // between neighbours of bf16 from 1 to 2
const optimizer = {
  learningRate: 1e-3,
  betas: [0.9, 0.999] as [number, number],
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 1,
};

describe('stochastic rounding to bf16', () => {
  let session: Session;
  beforeAll(async () => {
    const program = new Program({ islands: 'xla', functions: 'plain' });
    const x = program.placeholder('f32', shape);
    const seed = program.placeholder('i32', []);
    const outputs = island('rounded', [x, seed], ([value, step]) =>
      roundingBits(step!, shape, 3).map((bits) => cast(roundStochastically(value!, bits), 'f32')),
    );
    const [first, second, third] = outputs;
    program.entry('round', { x, seed }, { first: first!, second: second!, third: third! });

    const scalars = updatePlaceholders(program);
    const [parameter, gradient, moment, other] = (
      [
        ['parameter', 'bf16'],
        ['gradient', 'f32'],
        ['first', 'bf16'],
        ['second', 'bf16'],
      ] as const
    ).map(([name, dtype]) => program.variable(name, { dtype, shape }, name));
    const specs = { parameter: parameter!, gradient: gradient!, moment: moment! };
    const update = defineAdamW(program.library, specs, optimizer, true);
    const handles = [parameter!, gradient!, moment!, other!].map(({ handle }) => handle);
    const args = [...handles, ...Object.values(scalars)];
    const call = callFunction(program.main, update, args);
    program.entry('apply', scalars, {}, [call]);
    session = await openSession(program);
    return () => session.close();
  });

  const mean = (numbers: ArrayLike<number>): number =>
    Array.from(numbers).reduce((sum, number) => sum + number, 0) / numbers.length;

  it.each([1 + unit / 4, -(1 + unit / 4), 1 + unit * 0.9])('keeps the mean of %d', (value) => {
    const fed = { x: new Float32Array(count).fill(value), seed: 7 };
    const rounded = session.call('round', fed);
    for (const set of ['first', 'second', 'third']) {
      const sign = Math.sign(value);
      expect(new Set(rounded[set])).toEqual(new Set([sign, sign * (1 + unit)]));
      // Four standard deviations of a mean of so many draws between two neighbours.
      expect(Math.abs(mean(rounded[set]!) - value)).toBeLessThan((4 * unit) / 2 / Math.sqrt(count));
    }
  });

  it('draws the same for a step, another for the next, and independently for each set', () => {
    const x = new Float32Array(count).fill(1 + unit / 2);
    const once = session.call('round', { x, seed: 3 });
    expect(session.call('round', { x, seed: 3 })).toEqual(once);
    const next = session.call('round', { x, seed: 4 });
    const equal = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
      Array.from(a).filter((number, index) => number === b[index]).length / count;
    const half = (share: number): void => expect(Math.abs(share - 0.5)).toBeLessThan(0.01);
    half(equal(once['first']!, next['first']!));
    half(equal(once['first']!, once['second']!));
    half(equal(once['second']!, once['third']!));
    half(equal(once['first']!.subarray(1), once['first']!));
  });

  it('leaves what bf16 holds', () => {
    const x = Float32Array.from({ length: count }, (_, index) => (index % 128) - 64);
    expect(session.call('round', { x, seed: 1 })['first']).toEqual(x);
  });

  it('lets AdamW with bf16 moments and weights follow steps too small for rounding to nearest', () => {
    const steps = 100;
    for (const name of ['parameter', 'first', 'second']) session.zero(name);
    const gradient = new Uint8Array(new Float32Array(count).fill(0.01).buffer);
    session.load([{ variable: 'gradient', pieces: [gradient] }]);
    for (let step = 1; step <= steps; step++) {
      session.call('apply', { ...updateScalarsAt(step, 1e-3, 1, optimizer) });
    }
    const second = mean(readHalves(session, 'second'));
    expect(second / (1e-4 * (1 - 0.999 ** steps))).toBeCloseTo(1, 1);
    // With one gradient throughout, every update is the learning rate.
    expect(mean(readHalves(session, 'parameter')) / (-1e-3 * steps)).toBeCloseTo(1, 1);
  });
});
