import { expect, test } from 'vitest';
import { bootstrapInterval, meanInterval } from './study-statistics.ts';

test('mean with Student’s t interval', () => {
  // scipy.stats.t.interval(0.95, 4, loc=0.6, scale=sem([0.5, 0.55, 0.6, 0.65, 0.7]))
  const { mean, low, high } = meanInterval([0.5, 0.55, 0.6, 0.65, 0.7]);
  expect(mean).toBeCloseTo(0.6, 12);
  expect(low).toBeCloseTo(0.5018379, 5);
  expect(high).toBeCloseTo(0.6981621, 5);
  expect(meanInterval([0.3])).toEqual({ mean: 0.3, low: 0.3, high: 0.3 });
});

test('bootstrap over seeds and items', () => {
  // One seed of 400 items with mean 0.1 and variance 0.49: the normal interval is 0.1 +- 0.0686.
  const items = Array.from({ length: 400 }, (_, index) => (index < 120 ? 1 : index < 200 ? -1 : 0));
  const { low, high } = bootstrapInterval([items], 4000, 1);
  expect(Math.abs(low - 0.0314)).toBeLessThan(0.012);
  expect(Math.abs(high - 0.1686)).toBeLessThan(0.012);
  expect(bootstrapInterval([items], 4000, 1)).toEqual({ low, high });
  // Seeds that disagree make it wider than their items alone would.
  const seeds = [0.3, -0.3].map((mean) =>
    items.map((_, index) => (index < Math.abs(mean) * 400 ? Math.sign(mean) : 0)),
  );
  const wide = bootstrapInterval(seeds, 1000, 1);
  expect(wide.high - wide.low).toBeGreaterThan(0.5);
});
