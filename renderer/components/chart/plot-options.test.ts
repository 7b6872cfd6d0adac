import { expect, test } from 'vitest';
import { roomAround } from './plot-options.ts';

test('values that four digits cannot tell apart get room on the axis', () => {
  for (const [low, high] of [
    [1, 1 + 1e-15],
    [9.000_000_1, 9.000_000_2],
    [-2, -2],
  ] as const) {
    const [bottom, top] = roomAround(low, high);
    expect(bottom).toBeLessThanOrEqual(low);
    expect(top).toBeGreaterThanOrEqual(high);
    expect(top! - bottom!).toBeGreaterThanOrEqual(1e-3 * Math.abs(low));
  }
});

test('zeros, nothing at all, and an ordinary range', () => {
  const [bottom, top] = roomAround(0, 0);
  expect(top! - bottom!).toBeGreaterThan(0);
  expect(roomAround(null, null)).toEqual([0, 1]);
  const [low, high] = roomAround(1, 3);
  expect(low! <= 1 && high! >= 3 && high! - low! < 4).toBe(true);
});
