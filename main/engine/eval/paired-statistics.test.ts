/** Published examples, and scipy 1.17 / statsmodels 0.15 for the rest. */
import { describe, expect, test } from 'vitest';
import { itemsNeeded } from './items-needed.ts';
import { mcnemarExact } from './mcnemar.ts';
import { pairedDifference } from './paired-difference.ts';
import { wilsonInterval } from './wilson-interval.ts';

describe("McNemar's exact test", () => {
  test.each([
    // Airway hyper-responsiveness before and after transplantation (Fagerland et al. 2013).
    [7, 1, 0.0703125],
    [1, 7, 0.0703125],
    [12, 2, 0.012939453125],
    [40, 24, 0.05994118956699923],
    [300, 220, 0.0005194158496652906],
    [2000, 1800, 0.0012427867782632013],
    [0, 5, 0.0625],
  ])('%i fixed, %i broken', (fixed, broken, p) => {
    expect(mcnemarExact(fixed, broken) / p).toBeCloseTo(1, 9);
  });

  test('without a difference p is 1', () => {
    expect(mcnemarExact(0, 0)).toBe(1);
    expect(mcnemarExact(25, 25)).toBe(1);
  });
});

describe("Newcombe's interval", () => {
  test.each([
    // Fagerland et al. 2013: -0.507 to -0.026. Newcombe 1998, method 10: 0.0569 to 0.3404.
    [[1, 1, 7, 12], -0.2857142857142857, -0.506920226686141, -0.025559124164859837],
    [[36, 12, 2, 0], 0.2, 0.05692958400323875, 0.3404276029749408],
    [[43, 0, 1, 0], -0.022727272727272707, -0.11807709698213287, 0.05971800835089891],
    [[291, 40, 24, 145], 0.032, 0.0005225310686147663, 0.06339765386508234],
    [[10, 0, 0, 0], 0, -0.27753279986288937, 0.27753279986288937],
    [[0, 10, 0, 0], 1, 0.6075093504305241, 1],
  ])('%j', ([bothCorrect, fixed, broken, bothWrong], difference, low, high) => {
    const counts = { bothCorrect, fixed, broken, bothWrong } as Parameters<
      typeof pairedDifference
    >[0];
    const found = pairedDifference(counts);
    expect(found.difference).toBeCloseTo(difference, 12);
    expect(found.low).toBeCloseTo(low, 12);
    expect(found.high).toBeCloseTo(high, 12);
  });

  test('nothing measured says nothing', () => {
    const nothing = { bothCorrect: 0, fixed: 0, broken: 0, bothWrong: 0 };
    expect(pairedDifference(nothing)).toEqual({ difference: 0, low: -1, high: 1 });
  });
});

test.each([
  [0, 10, 0, 0.27753279986288926],
  [10, 10, 0.7224672001371106, 1],
  [7, 10, 0.39677814746114537, 0.8922087325936989],
  // Newcombe, Statistics in Medicine 17:857, 1998: 0.2553 to 0.3662, and 0.0061 to 0.1718.
  [81, 263, 0.2552885198782742, 0.36620957698280004],
  [1, 29, 0.006113214292762667, 0.17175521879320294],
])("Wilson's interval of %i of %i", (correct, items, low, high) => {
  const found = wilsonInterval(correct, items);
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
});

test('items needed to show a difference (Connor 1987)', () => {
  expect(itemsNeeded(40, 24, 500)).toBe(979);
  expect(itemsNeeded(1, 7, 21)).toBe(35);
  expect(itemsNeeded(20, 10, 100)).toBe(234);
  expect(itemsNeeded(3, 3, 10)).toBeNull();
  expect(itemsNeeded(0, 0, 0)).toBeNull();
});
