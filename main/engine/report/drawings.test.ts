/** Drawings show every extreme, and the same data always the same way. */
import { describe, expect, test } from 'vitest';
import type { StepEvent } from '../../contract/events.ts';
import { histogramChart } from './chart/histogram-chart.ts';
import { lineChart, movingMean } from './chart/line-chart.ts';
import { linearScale, logScale, padded, tickText } from './chart/scale.ts';
import { entropyScatter } from './entropy-scatter.ts';
import { markupText } from './markup.ts';
import { bytes, count, duration, pValue, signedPoints, significant } from './number-text.ts';
import { addStep, emptyColumns, trainingOf } from './step-curves.ts';
import { weightHistogram } from './weight-histogram.ts';

const step = (at: number, loss: number): StepEvent => ({
  kind: 'step',
  stage: 'sft',
  step: at,
  steps: 10_000,
  loss,
  gradientNorm: 1,
  learningRate: 0.1,
  answerTokens: 5,
  tokens: 9,
  seconds: 0.1,
  tokensPerSecond: 90,
});

describe('curves', () => {
  const columns = emptyColumns('sft');
  for (let at = 1; at <= 10_000; at++)
    addStep(columns, step(at, at === 7777 ? 99 : at === 3333 ? -99 : 1));
  const training = trainingOf(columns, { file: 'events.jsonl' });
  const loss = training.curves.find(({ metric }) => metric === 'loss')!;

  test('of 10,000 steps are 400 groups in which a single spike is still there', () => {
    expect(training).toMatchObject({
      steps: 10_000,
      plannedSteps: 10_000,
      tokens: 90_000,
      stepsPerPoint: 25,
    });
    expect(loss.step).toHaveLength(400);
    expect(loss.step[0]).toBe(13);
    expect([Math.min(...loss.low), Math.max(...loss.high)]).toEqual([-99, 99]);
    expect(loss.high.indexOf(99)).toBe(Math.floor(7776 / 25));
    expect(loss.mean[loss.high.indexOf(99)]).toBeCloseTo((24 + 99) / 25, 12);
  });

  test('of few steps are the steps; metrics that nothing reported have none', () => {
    const few = emptyColumns('joint');
    [3, 2, 1].forEach((value, index) => addStep(few, step(index + 1, value)));
    const { curves, stepsPerPoint } = trainingOf(few, { file: '' });
    expect(stepsPerPoint).toBe(1);
    expect(curves.find(({ metric }) => metric === 'loss')).toEqual({
      metric: 'loss',
      step: [1, 2, 3],
      mean: [3, 2, 1],
      low: [3, 2, 1],
      high: [3, 2, 1],
    });
    expect(curves.some(({ metric }) => metric === 'weakLoss')).toBe(false);
  });

  test('are drawn inside their frame; nothing to draw is no drawing', () => {
    const drawing = markupText(
      lineChart({
        yName: 'loss',
        description: 'd',
        lines: [{ name: 'SFT', role: 'baseline', curve: loss }],
      })!,
    );
    const numbers = [...drawing.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)];
    expect(numbers.length).toBeGreaterThan(800);
    for (const [, x, y] of numbers) {
      expect(Number(x)).toBeGreaterThanOrEqual(46);
      expect(Number(x)).toBeLessThanOrEqual(322);
      expect(Number(y)).toBeGreaterThanOrEqual(24);
      expect(Number(y)).toBeLessThanOrEqual(180);
    }
    expect(lineChart({ yName: 'loss', description: 'd', lines: [] })).toBeNull();
  });

  test('a moving mean leaves few points alone and a constant constant', () => {
    expect(movingMean([1, 5, 2])).toEqual([1, 5, 2]);
    expect(new Set(movingMean(new Float64Array(200).fill(2) as unknown as number[]))).toEqual(
      new Set([2]),
    );
    const line = Array.from({ length: 200 }, (_, index) => index);
    expect(movingMean(line)[100]).toBeCloseTo(100, 12);
  });
});

describe('scales', () => {
  test('ticks are round numbers inside the range', () => {
    expect(linearScale([0, 1], [0, 100], 5).ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
    expect(linearScale([1, 120], [0, 1], 5).ticks).toEqual([20, 40, 60, 80, 100, 120]);
    expect(linearScale([0.1, 0.35], [0, 1], 5).ticks).toEqual([0.1, 0.15, 0.2, 0.25, 0.3, 0.35]);
    expect(linearScale([5, 5], [0, 1], 5).ticks).toEqual([5]);
    expect(logScale([0.5, 10], [0, 1]).ticks).toEqual([0.5, 1, 2, 5, 10]);
    expect(logScale([0.5, 20], [0, 1]).ticks).toEqual([1, 3, 10]);
    expect(logScale([1e-6, 1], [0, 1]).ticks).toEqual([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]);
    expect(linearScale([2, 4], [10, 0], 5).at(3)).toBe(5);
    expect(logScale([1, 100], [0, 10]).at(10)).toBeCloseTo(5, 12);
    expect(padded([3, 3])[0]).toBeLessThan(3);
    expect([0.1 + 0.2, 1e-5, 123456, -2].map(tickText)).toEqual(['0.3', '1e−5', '1.23456e5', '−2']);
  });
});

describe('rows of a curriculum', () => {
  const row = (entropy0: number, entropy1: number) => ({
    entropy0,
    entropy1,
    weight: 1 / 2001,
    term: 1,
  });

  test('a lone row among thousands keeps its place', () => {
    const rows = [...Array.from({ length: 2000 }, () => row(1, 0.5)), row(4, 3.9)];
    const { kind, points } = entropyScatter(rows);
    expect(kind).toBe('cells');
    expect(points.map(({ rows: number }) => number).sort()).toEqual([1, 2000]);
    expect(points.find(({ rows: number }) => number === 1)!.entropy0).toBeCloseTo(4, 1);
    expect(points[0]!.weight).toBeCloseTo(1, 9);
  });

  test('few rows are dots; all zero entropies are one cell', () => {
    expect(entropyScatter([row(1, 2)])).toEqual({
      kind: 'rows',
      points: [{ entropy0: 1, entropy1: 2, weight: 1 / 2001, rows: 1, term: 1 }],
    });
    expect(entropyScatter(Array.from({ length: 1501 }, () => row(0, 0))).points).toHaveLength(1);
  });

  test('a histogram holds every row once, and zeros apart', () => {
    const weights = Float64Array.from([0, 0.001, 0.01, 0.1, 0.889]);
    const { edges, counts, zero } = weightHistogram(weights);
    expect(zero).toBe(1);
    expect(counts.reduce((sum, value) => sum + value, 0)).toBe(4);
    expect(edges).toHaveLength(counts.length + 1);
    expect(edges[0]).toBeCloseTo(0.005, 12);
    expect(edges.at(-1)).toBeGreaterThanOrEqual(0.889 * 5 - 1e-9);
    const equal = weightHistogram(new Float64Array(10).fill(0.1));
    expect(equal.counts).toEqual([10]);
    expect(histogramChart(equal)).not.toBeNull();
    expect(histogramChart(weightHistogram(new Float64Array(3)))).toBeNull();
  });
});

test('numbers as text', () => {
  expect(
    [1.23456, 0.012345, 123456, 0.00012345, 0, -2.5, undefined, 1e7].map((value) =>
      significant(value),
    ),
  ).toEqual(['1.235', '0.01235', '123,456', '1.23e−4', '0', '−2.500', '–', '10,000,000']);
  expect([0, 999, 1000, 1234567, -1200].map(count)).toEqual([
    '0',
    '999',
    '1,000',
    '1,234,567',
    '−1,200',
  ]);
  expect([0.0321, -0.0004, 0.0004, -0.1].map(signedPoints)).toEqual([
    '+3.2',
    '0.0',
    '0.0',
    '−10.0',
  ]);
  expect([0.0001, 0.0123, 0.06, 0.5, 1].map(pValue)).toEqual([
    'p < 0.001',
    'p = 0.012',
    'p = 0.06',
    'p = 0.50',
    'p = 1.00',
  ]);
  expect([3, 59.6, 185, 7800, 3600].map(duration)).toEqual([
    '3.0 s',
    '1 min',
    '3 min 5 s',
    '2 h 10 min',
    '1 h',
  ]);
  expect([999, 1234, 8e9].map(bytes)).toEqual(['999 B', '1.2 kB', '8.0 GB']);
});
