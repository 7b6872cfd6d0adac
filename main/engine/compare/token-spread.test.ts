/** Spreads against values counted one by one, on axes that models share. */
import { expect, test } from 'vitest';
import { sharedAxes, tokenSpread } from './token-spread.ts';

const margins = [-3.1, 0, 0.2, 0.3, 7.9, 41.5];
const losses = [5, 1, 0.5, 1e-3, 1e-6, 0];

test('mean, median and every token in its bin', () => {
  const spread = tokenSpread(margins, losses);
  expect(spread.tokens).toBe(6);
  expect(spread.margin.mean).toBeCloseTo(margins.reduce((sum, each) => sum + each, 0) / 6, 12);
  expect(spread.margin.median).toBeCloseTo(0.25, 12);
  expect(spread.mass.median).toBeCloseTo((1 - Math.exp(-0.5) + 1 - Math.exp(-1e-3)) / 2, 12);
  const { marginEdges, massEdges, models } = sharedAxes([spread, null]);
  const [own, none] = models;
  expect(none).toBeNull();
  const binned = (edges: number[], value: number): number =>
    edges.filter((edge) => edge <= value).length - 1;
  for (const value of margins)
    expect(own!.margin.counts[binned(marginEdges, value)]).toBeGreaterThan(0);
  expect(marginEdges.length).toBeLessThanOrEqual(41);
  expect(own!.margin.counts.reduce((sum, each) => sum + each)).toBe(6);
  // A mass of 1e-6 is at -6; one of nothing is in the first bin; none is beyond 1.
  expect(own!.mass.counts[binned(massEdges, Math.log10(-Math.expm1(-1e-6)))]).toBe(1);
  expect(own!.mass.counts[0]).toBe(1);
  expect([massEdges[0], massEdges.at(-1)]).toEqual([-7, 0]);
  expect(own!.mass.counts.reduce((sum, each) => sum + each)).toBe(6);
});

test('models measured apart share the axes, whatever their ranges', () => {
  const narrow = tokenSpread([1, 2], [0.1, 0.1]);
  const wide = tokenSpread([-40, 90], [3, 3]);
  const { marginEdges, models } = sharedAxes([narrow, wide]);
  expect(marginEdges[0]).toBeLessThanOrEqual(-40);
  expect(marginEdges.at(-1)).toBeGreaterThanOrEqual(90);
  for (const model of models) {
    expect(model!.margin.counts).toHaveLength(marginEdges.length - 1);
    expect(model!.margin.counts.reduce((sum, each) => sum + each)).toBe(2);
  }
});
