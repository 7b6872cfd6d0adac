import { expect, test } from 'vitest';
import { clusteredInterval } from './clustered-interval.ts';
import { passAtK } from './pass-at-k.ts';
import { wilsonInterval } from './wilson-interval.ts';

/** By counting all choices of k samples. */
function counted(samples: number, correct: number, k: number): number {
  let passing = 0;
  let all = 0;
  for (let chosen = 0; chosen < 2 ** samples; chosen++) {
    const bits = [...chosen.toString(2)].filter((bit) => bit === '1').length;
    if (bits !== k) continue;
    all++;
    if ((chosen & (2 ** correct - 1)) !== 0) passing++;
  }
  return passing / all;
}

test('pass@k is the share of the choices of k samples that hold a correct one', () => {
  for (let samples = 1; samples <= 8; samples++) {
    for (let correct = 0; correct <= samples; correct++) {
      for (let k = 1; k <= samples; k++) {
        expect(passAtK(samples, correct, k)).toBeCloseTo(counted(samples, correct, k), 12);
      }
    }
  }
  expect(passAtK(1000, 1, 1000)).toBe(1);
  expect(passAtK(1000, 3, 1)).toBeCloseTo(0.003, 12);
  expect(() => passAtK(4, 1, 5)).toThrow(RangeError);
});

test("the reference evaluator's case: mean@8 and pass@8 are not one thing", () => {
  const correct = [1, 0];
  expect(
    clusteredInterval(
      correct.map((c) => passAtK(8, c, 1)),
      8,
    ).value,
  ).toBe(1 / 16);
  expect(
    clusteredInterval(
      correct.map((c) => passAtK(8, c, 8)),
      8,
    ).value,
  ).toBe(1 / 2);
});

test('one sample: Wilson; samples that agree add nothing; samples that differ do', () => {
  const { low, high } = wilsonInterval(7, 10);
  const scores = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
  expect(clusteredInterval(scores, 1)).toEqual({ value: 0.7, low, high });
  const same = clusteredInterval(scores, 8);
  expect(same.low).toBeCloseTo(low, 12);
  expect(same.high).toBeCloseTo(high, 12);
  const all = wilsonInterval(40, 80);
  expect(
    clusteredInterval(
      Array.from({ length: 10 }, () => 0.5),
      8,
    ),
  ).toEqual({ value: 0.5, ...all });
  // None of 80 right: what is known is about ten items, not eighty.
  const none = wilsonInterval(0, 10);
  expect(
    clusteredInterval(
      Array.from({ length: 10 }, () => 0),
      8,
    ),
  ).toEqual({ value: 0, ...none });
});
