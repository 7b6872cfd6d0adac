import { describe, expect, it } from 'vitest';
import { readFixtureJson } from '../../fixtures/reference-files.ts';
import { learningRateAt } from './schedule.ts';

interface Trajectories {
  setup: { steps: number; lr: number; warmup: number };
  runs: Record<string, { log: { lr: number }[] }>;
}

describe('the learning rate', () => {
  it('is the reference one under warm-up and linear decay', () => {
    const { setup, runs } = readFixtureJson<Trajectories>('trajectories.json');
    const schedule = { kind: 'linear', warmupSteps: setup.warmup } as const;
    for (const { log } of Object.values(runs)) {
      expect(log).toHaveLength(setup.steps);
      log.forEach(({ lr }, update) => {
        const rate = learningRateAt(update, setup.steps, setup.lr, schedule);
        expect(Math.abs(rate - lr)).toBeLessThan(1e-12);
      });
    }
  });

  it('starts at 0 under warm-up and at the peak without', () => {
    expect(learningRateAt(0, 10, 2, { kind: 'linear', warmupSteps: 4 })).toBe(0);
    expect(learningRateAt(3, 10, 2, { kind: 'cosine', warmupSteps: 4 })).toBe(1.5);
    expect(learningRateAt(4, 10, 2, { kind: 'constant', warmupSteps: 4 })).toBe(2);
    expect(learningRateAt(0, 10, 2, { kind: 'linear', warmupSteps: 0 })).toBe(2);
  });

  it('falls along half a cosine', () => {
    const at = (update: number) =>
      learningRateAt(update, 10, 2, { kind: 'cosine', warmupSteps: 2 });
    expect(at(2)).toBe(2);
    expect(at(4)).toBeCloseTo(1 + Math.SQRT1_2, 12);
    expect(at(6)).toBeCloseTo(1, 12);
    expect(at(10)).toBe(0);
  });

  it('stays constant, and is never negative or without a number', () => {
    expect(learningRateAt(9, 10, 2, { kind: 'constant', warmupSteps: 0 })).toBe(2);
    expect(learningRateAt(12, 10, 2, { kind: 'linear', warmupSteps: 0 })).toBe(0);
    expect(learningRateAt(3, 3, 2, { kind: 'linear', warmupSteps: 3 })).toBe(2);
  });
});
