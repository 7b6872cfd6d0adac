import { expect, test } from 'vitest';
import type { ChartData } from './chart-data.ts';
import { envelope } from './envelope.ts';

const length = 100_000;
const x = Float64Array.from({ length }, (_, index) => index + 1);
const wave = x.map((step) => Math.sin(step / 500));

function chart(...curves: Float64Array[]): ChartData {
  return { x, raw: curves, shown: curves };
}

test('one outlier among 100,000 points is drawn, a gap stays one', () => {
  const values = Float64Array.from(wave);
  values[54_321] = 9;
  values[12_345] = -9;
  const gap = wave.map((value, index) => (index < 40_000 ? NaN : value));
  const drawn = envelope(chart(values, gap), null, 600);
  expect(drawn.x.length).toBeLessThanOrEqual(4 * 600);
  expect(Math.max(...drawn.shown[0]!)).toBe(9);
  expect(Math.min(...drawn.shown[0]!)).toBe(-9);
  const outlier = drawn.shown[0]!.indexOf(9);
  expect(Math.abs(drawn.x[outlier]! - 54_322)).toBeLessThanOrEqual(256);
  expect(Number.isNaN(drawn.shown[1]![0])).toBe(true);
  expect(Number.isNaN(drawn.shown[1]!.at(-1)!)).toBe(false);
  expect(drawn.raw[0]).toBe(drawn.shown[0]);
});

test('ends where the run ends; groups keep their place as it grows', () => {
  const whole = envelope(chart(wave), null, 600);
  expect([whole.x[0], whole.x.at(-1)]).toEqual([1, length]);
  const shorter = { x: x.subarray(0, 99_000), raw: [wave.subarray(0, 99_000)], shown: [wave] };
  const before = envelope(shorter, null, 600);
  expect(before.x.subarray(0, 300)).toEqual(whole.x.subarray(0, 300));
});

test('zoomed in far enough, the points themselves, with a neighbour at either end', () => {
  const near = envelope(chart(wave), { min: 5000, max: 5100 }, 600);
  expect(near.x).toEqual(x.subarray(4998, 5101));
  expect(near.shown[0]).toEqual(wave.subarray(4998, 5101));
  const short = {
    x: x.subarray(0, 50),
    raw: [wave.subarray(0, 50)],
    shown: [wave.subarray(0, 50)],
  };
  expect(envelope(short, null, 600).x).toEqual(short.x);
});

test('rises and falls stay in their order', () => {
  const rising = x.map((step) => (step - 1) % 64);
  const falling = rising.map((value) => -value);
  const { shown } = envelope(chart(rising, falling), { min: 1, max: 64_000 }, 1000);
  expect(shown[0]!.subarray(2, 4)).toEqual(Float64Array.of(0, 63));
  expect(shown[1]!.subarray(2, 4)).toEqual(Float64Array.of(-0, -63));
});
