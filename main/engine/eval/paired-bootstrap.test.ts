/** Against what the central limit theorem and McNemar's exact test say of the same differences. */
import { expect, test } from 'vitest';
import { mcnemarExact } from './mcnemar.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';

test('the interval is the normal one where there are many items', () => {
  const differences = Array.from({ length: 2000 }, (_, item) => ((item * 7) % 11) / 10 - 0.45);
  const mean = differences.reduce((sum, each) => sum + each, 0) / 2000;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / 2000;
  const half = 1.96 * Math.sqrt(variance / 2000);
  const { difference, low, high, pValue } = pairedBootstrap(differences);
  expect(difference).toBeCloseTo(mean, 12);
  expect(Math.abs(low - (mean - half))).toBeLessThan(0.05 * half);
  expect(Math.abs(high - (mean + half))).toBeLessThan(0.05 * half);
  expect(pValue).toBeLessThan(0.001);
});

test('p is near that of McNemar for rights and wrongs, and 1 for no difference', () => {
  const of = (fixed: number, broken: number): number[] => [
    ...Array.from({ length: fixed }, () => 1),
    ...Array.from({ length: broken }, () => -1),
    ...Array.from({ length: 300 }, () => 0),
  ];
  for (const [fixed, broken] of [
    [40, 24],
    [30, 28],
  ] as const) {
    expect(pairedBootstrap(of(fixed, broken)).pValue).toBeCloseTo(mcnemarExact(fixed, broken), 1);
  }
  expect(pairedBootstrap(of(0, 0))).toEqual({ difference: 0, low: 0, high: 0, pValue: 1 });
  expect(pairedBootstrap([])).toEqual({ difference: 0, low: -1, high: 1, pValue: 1 });
});

test('the same scores give the same figures', () => {
  const differences = [0.25, -0.5, 0.125, 0, 1, 0.75];
  expect(pairedBootstrap(differences)).toEqual(pairedBootstrap(differences));
});
