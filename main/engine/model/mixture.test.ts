import { expect, it } from 'vitest';
import { amplificationCurve, mixLogits, topTokens, wrongTokenMass } from './mixture.ts';

it('mixes and ranks rows', () => {
  const mixed = mixLogits(Float32Array.of(0, 4), Float32Array.of(2, 0), 0.25);
  expect([...mixed]).toEqual([0.5, 3]);
  const row = Float32Array.from([0.2, 0.5, 0.3], Math.log);
  const top = topTokens(row, 2);
  expect(top.map(({ id }) => id)).toEqual([1, 2]);
  expect(top[0]!.probability).toBeCloseTo(0.5, 6);
  expect(top[1]!.logit).toBeCloseTo(Math.log(0.3), 6);
});

it('measures the mass on wrong tokens, also where there is next to none', () => {
  const row = Float32Array.from([0.2, 0.5, 0.3], Math.log);
  expect(wrongTokenMass(row, 1)).toBeCloseTo(0.5, 6);
  const sure = Float32Array.of(40, 0);
  expect(wrongTokenMass(sure, 0) / Math.exp(-40)).toBeCloseTo(1, 6);
});

it('amplifies by what the weak model doubts, and not at all at lambda 1', () => {
  const strong = Float32Array.from([0.9, 0.1], Math.log);
  const weak = Float32Array.from([0.5, 0.5], Math.log);
  const [half, one] = amplificationCurve(weak, strong, 0, [0.5, 1]);
  expect(one).toBe(1);
  // Mixed logits differ by ln(9) / 2, so p(wrong) = 1 / (1 + 3).
  expect(half).toBeCloseTo(0.25 / 0.1, 5);
});
