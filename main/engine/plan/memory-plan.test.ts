import { describe, expect, it } from 'vitest';
import { modelConfig } from '../../fixtures/reference-model.ts';
import { qwen3ConfigOf, readBenchConfig } from '../bench/bench-config.ts';
import {
  chooseRecompute,
  parameterCount,
  planMemory,
  totalBytes,
  type MemoryPlanInput,
} from './memory-plan.ts';

const config = modelConfig('strong');
const shape = { rows: 4, length: 256, targets: 512 };
const input: MemoryPlanInput = {
  config,
  precision: { weights: 'f32', compute: 'f32' },
  lora: null,
  weak: { frozen: false, shareBase: false },
  shape,
  accumulates: true,
  recompute: 'cheap',
};
const peak = (change: Partial<MemoryPlanInput>): number =>
  totalBytes(planMemory({ ...input, ...change }));

describe('the memory plan', () => {
  it('grows with what a stage has to hold', () => {
    const all = peak({});
    expect(peak({ weak: { frozen: true, shareBase: false } })).toBeLessThan(all);
    expect(peak({ weak: null })).toBeLessThan(all);
    expect(peak({ recompute: 'all' })).toBeLessThan(all);
    expect(peak({ precision: { weights: 'bf16', compute: 'bf16' } })).toBeLessThan(all);
    expect(peak({ shape: { ...shape, rows: 8 } })).toBeGreaterThan(all);
  });

  it('has bf16 gradients only of bf16 weights whose gradients are not summed', () => {
    const large = qwen3ConfigOf(readBenchConfig('full', []));
    const stage = { ...input, config: large, shape: { ...shape, rows: 1, targets: 8 }, weak: null };
    const gradients = (change: Partial<MemoryPlanInput>): number =>
      planMemory({ ...stage, ...change }).find(({ part }) => part === 'gradients')!.bytes;
    const half = { weights: 'bf16', compute: 'bf16' } as const;
    const summed = gradients({});
    expect(summed).toBe(4 * parameterCount(large));
    expect(gradients({ accumulates: false })).toBe(summed);
    expect(gradients({ precision: half })).toBe(summed);
    const vocabulary = large.vocabularySize * large.hiddenSize;
    expect(gradients({ precision: half, accumulates: false })).toBe(summed / 2 + 2 * vocabulary);
  });

  it('has an f32 copy of a bf16 head where products are in f32', () => {
    const widened = (change: Partial<MemoryPlanInput>): number | undefined =>
      planMemory({ ...input, ...change }).find(({ part }) => part === 'head widened to f32')?.bytes;
    const table = 4 * config.vocabularySize * config.hiddenSize;
    const precision = { weights: 'bf16', compute: 'f32' } as const;
    expect(widened({ precision, weak: null })).toBe(table);
    expect(widened({ precision, weak: { frozen: true, shareBase: true } })).toBe(table);
    expect(widened({ precision })).toBe(2 * table);
    expect(widened({})).toBeUndefined();
  });

  it('has the layers computed again only where keeping them does not fit', () => {
    const stage = { ...input, shapes: [shape] };
    expect(chooseRecompute(stage, peak({}) / 0.8 + 1)).toBe('cheap');
    expect(chooseRecompute(stage, peak({}) / 0.8 - 1)).toBe('all');
    expect(chooseRecompute({ ...stage, shapes: [shape, { ...shape, rows: 64 }] }, peak({}))).toBe(
      'all',
    );
  });
});
