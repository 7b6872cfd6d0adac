import { expect, test } from 'vitest';
import type { EventBody, StepEvent } from '../contract/events.ts';
import { watchForAlarms } from './alarms.ts';

function step(number: number, part: Partial<StepEvent>): EventBody {
  return {
    kind: 'step',
    stage: 'joint',
    step: number,
    steps: 1000,
    loss: 1,
    strongLoss: 1,
    gradientNorm: 1,
    learningRate: 1e-5,
    answerTokens: 1,
    tokens: 1,
    seconds: 1,
    tokensPerSecond: 1,
    ...part,
  };
}

/** [step, code] of each alarm over steps whose parts `at` gives. */
function alarms(steps: number, at: (step: number) => Partial<StepEvent>): [number, string][] {
  const watch = watchForAlarms();
  watch({ kind: 'stage-started', stage: 'joint', title: 'Joint training' });
  const numbers = Array.from({ length: steps }, (_, index) => index + 1);
  return numbers.flatMap((number) =>
    watch(step(number, at(number))).map(({ code }): [number, string] => [number, code]),
  );
}

const disk = (diskFreeBytes: number): EventBody => ({
  kind: 'memory',
  residentBytes: 1,
  peakBytes: 1,
  diskFreeBytes,
});
const codes = (warnings: { code: string }[]): string[] => warnings.map(({ code }) => code);

test('the weak agent has caught up: told once, when 20 steps say so', () => {
  expect(alarms(100, () => ({ gradientAmplification: 1.01 }))).toEqual([[20, 'weak-caught-up']]);
  const fading = (number: number) => ({ gradientAmplification: number < 50 ? 1.2 : 1 });
  expect(alarms(100, fading)).toEqual([[68, 'weak-caught-up']]);
});

test('a few steps without amplification are none, and neither is plain SFT', () => {
  const some = (number: number) => ({ gradientAmplification: number % 3 === 0 ? 0.95 : 1.15 });
  expect(alarms(100, some)).toEqual([]);
  expect(alarms(100, () => ({}))).toEqual([]);
});

test('the strong model collapses: from its best, whenever that was', () => {
  const early = (number: number) => ({ strongLoss: number < 2 ? 0.5 : 3 });
  expect(alarms(60, early)[0]).toEqual([20, 'strong-collapses']);
  const late = (number: number) => ({ strongLoss: number < 40 ? 2 / number : 1 });
  expect(alarms(100, late).map(([, code]) => code)).toEqual(['strong-collapses']);
});

test('noise on a small loss, a loss that is high from the start, one that falls: none', () => {
  expect(alarms(200, (n) => ({ strongLoss: n % 7 === 0 ? 0.4 : 0.05 }))).toEqual([]);
  expect(alarms(200, () => ({ strongLoss: 9 }))).toEqual([]);
  expect(alarms(200, (n) => ({ strongLoss: 9 / n }))).toEqual([]);
});

test('each stage is told anew', () => {
  const watch = watchForAlarms();
  const stage = (): string[] => {
    watch({ kind: 'stage-started', stage: 'joint', title: '' });
    return Array.from({ length: 30 }, (_, n) => watch(step(n + 1, { gradientAmplification: 1 })))
      .flat()
      .map(({ code }) => code);
  };
  expect(stage()).toEqual(['weak-caught-up']);
  expect(stage()).toEqual(['weak-caught-up']);
});

test('the disk: below 1 GB or two checkpoints, again after it had room, not where it is unknown', () => {
  const watch = watchForAlarms();
  expect(codes(watch(disk(2e9)))).toEqual([]);
  expect(codes(watch(disk(9e8)))).toEqual(['disk-nearly-full']);
  expect(codes(watch(disk(8e8)))).toEqual([]);
  expect(codes(watch(disk(5e9)))).toEqual([]);
  const checkpoint = { stage: 'sft', step: 1, path: '/c', bytes: 4e9, seconds: 1 } as const;
  watch({ kind: 'checkpoint', ...checkpoint });
  const [warning] = watch(disk(7e9));
  expect(warning?.message).toContain('7.0 GB free; a checkpoint of this run takes 4.0 GB');
  expect(codes(watchForAlarms()(disk(0)))).toEqual([]);
});
