import { describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import {
  candidates,
  checkSampling,
  greedy,
  mostLikelyToken,
  promptStream,
  sampleToken,
} from './sampling.ts';

const logitsOf = (probabilities: number[]): Float32Array =>
  Float32Array.from(probabilities, Math.log);
const ids = (list: { id: number }[]): number[] => list.map(({ id }) => id);

describe('candidates', () => {
  const logits = logitsOf([0.1, 0.4, 0.05, 0.3, 0.15]);

  it('keeps the tokens whose more likely ones have less mass than top-p, and renormalises', () => {
    // Before them: 0, 0.4, 0.7, 0.85, 0.95. The token that crosses the threshold stays.
    expect(ids(candidates(logits, { temperature: 1, topP: 0.75, topK: 0 }))).toEqual([1, 3, 4]);
    expect(ids(candidates(logits, { temperature: 1, topP: 0.6, topK: 0 }))).toEqual([1, 3]);
    expect(ids(candidates(logits, { temperature: 1, topP: 0.01, topK: 0 }))).toEqual([1]);
    const [first, second] = candidates(logits, { temperature: 1, topP: 0.6, topK: 0 });
    expect(first!.probability).toBeCloseTo(4 / 7, 6);
    expect(second!.probability).toBeCloseTo(3 / 7, 6);
  });

  it('keeps every token at top-p 1, also those of tiny probability', () => {
    const wide = Float32Array.of(0, -90, -20, -3);
    expect(ids(candidates(wide, { temperature: 1, topP: 1, topK: 0 }))).toEqual([0, 3, 2, 1]);
  });

  it('takes top-k before top-p, the nucleus counted within the k', () => {
    expect(ids(candidates(logits, { temperature: 1, topP: 1, topK: 2 }))).toEqual([1, 3]);
    // Of the two kept, the first has 4/7: below 0.6, above 0.55.
    expect(ids(candidates(logits, { temperature: 1, topP: 0.6, topK: 2 }))).toEqual([1, 3]);
    expect(ids(candidates(logits, { temperature: 1, topP: 0.55, topK: 2 }))).toEqual([1]);
  });

  it('sharpens with a low temperature: probabilities to the power 1 / T', () => {
    const [first, second] = candidates(logits, { temperature: 0.5, topP: 1, topK: 0 });
    expect(first!.probability / second!.probability).toBeCloseTo((0.4 / 0.3) ** 2, 5);
  });

  it('agrees with sorting a large vocabulary', () => {
    const random = promptStream(3, 0);
    const large = Float32Array.from({ length: 20_000 }, () => 12 * random());
    const masses = Array.from(large, Math.exp);
    const total = masses.reduce((sum, mass) => sum + mass, 0);
    const order = masses.map((_, id) => id).sort((a, b) => masses[b]! - masses[a]! || a - b);
    let before = 0;
    const expected = order.filter((id) => {
      const inside = before < 0.9 * total;
      before += masses[id]!;
      return inside;
    });
    expect(ids(candidates(large, { temperature: 1, topP: 0.9, topK: 0 }))).toEqual(expected);
  });
});

describe('sampleToken', () => {
  it('is greedy at temperature 0, the first among equals', () => {
    expect(sampleToken(Float32Array.of(1, 3, 3, 2), greedy, () => 0.99)).toBe(1);
    expect(mostLikelyToken(Float32Array.of(-5, -4))).toBe(1);
  });

  it('draws in proportion to the probabilities', () => {
    const random = promptStream(42, 7);
    const counts = [0, 0, 0];
    const logits = logitsOf([0.2, 0.5, 0.3]);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      counts[sampleToken(logits, { temperature: 1, topP: 1, topK: 0 }, random)]!++;
    }
    // Four standard deviations of a binomial of this size are below 0.015.
    expect(Math.abs(counts[0]! / draws - 0.2)).toBeLessThan(0.015);
    expect(Math.abs(counts[1]! / draws - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(counts[2]! / draws - 0.3)).toBeLessThan(0.015);
  });
});

it('gives every prompt a stream of its own, the same for the same seed', () => {
  const draw = (seed: number, index: number): number => promptStream(seed, index)();
  expect(draw(1, 0)).toBe(draw(1, 0));
  expect(new Set([draw(1, 0), draw(1, 1), draw(2, 0), draw(2, 1)]).size).toBe(4);
});

it.each([
  { temperature: -1, topP: 1, topK: 0 },
  { temperature: NaN, topP: 1, topK: 0 },
  { temperature: 1, topP: 0, topK: 0 },
  { temperature: 1, topP: 1.1, topK: 0 },
  { temperature: 1, topP: 1, topK: 1.5 },
])('refuses %o', (options) => {
  expect(() => checkSampling(options)).toThrow(StudioError);
});
