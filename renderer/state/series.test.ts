import { expect, test } from 'vitest';
import type { StepEvent } from '../../main/contract/events.ts';
import { appendStep, column, emptySeries, latest, pointsBefore, smoothed } from './series.ts';

function step(number: number, loss: number): StepEvent {
  return {
    kind: 'step',
    stage: 'sft',
    step: number,
    steps: 1000,
    loss,
    gradientNorm: 1,
    learningRate: 1,
    answerTokens: 1,
    tokens: 1,
    seconds: 1,
    tokensPerSecond: 1,
  };
}

test('grows beyond its first capacity and keeps every point', () => {
  let series = emptySeries(4);
  for (let number = 1; number <= 1000; number += 1) {
    series = appendStep(series, step(number, number / 10), number);
  }
  expect(series.length).toBe(1000);
  expect(column(series, 'loss')[999]).toBe(100);
  expect([...series.step.subarray(0, 1000)]).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
});

test('finds steps and the newest value that was measured', () => {
  let series = emptySeries(2);
  for (const number of [1, 2, 5]) series = appendStep(series, step(number, number), 0);
  expect([1, 3, 5, 6].map((number) => pointsBefore(series, number))).toEqual([0, 2, 2, 3]);
  expect(latest(series, 'loss')).toBe(5);
  expect(latest(series, 'weakLoss')).toBeUndefined();
});

test('smoothing leaves constants alone, passes over holes, and 0 changes nothing', () => {
  const constant = new Float64Array(50).fill(3);
  expect([...smoothed(constant, 0.9)].every((value) => Math.abs(value - 3) < 1e-12)).toBe(true);
  expect(smoothed(constant, 0)).toBe(constant);
  const holed = Float64Array.from([2, NaN, 2]);
  expect([...smoothed(holed, 0.5)]).toEqual([2, NaN, 2]);
  expect([...smoothed(Float64Array.from([0, 4]), 0.5)]).toEqual([0, 2 / 0.75]);
});
