import { describe, expect, it } from 'vitest';
import { readBenchConfig, type BenchConfig } from './bench-config.ts';
import { median } from './median.ts';
import { benchmarkStep } from './step-benchmark.ts';

function tiny(mode: BenchConfig['mode'], changes: Partial<BenchConfig> = {}): BenchConfig {
  const model = {
    hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1,
    head_dim: 16, intermediate_size: 64, vocab_size: 128, tie_word_embeddings: true, rope_theta: 1e6,
  }; // prettier-ignore
  const size = { model, T: 32, steps: 3, warmup_steps: 1, lr: 1e-2 };
  return { ...readBenchConfig('small', []), ...size, mode, ...changes };
}

describe('benchmarkStep', () => {
  it.each(['sft', 'joint-both'] as const)('takes real steps of %s', async (mode) => {
    const result = await benchmarkStep(tiny(mode));
    expect(result.loss_first).toBeGreaterThan(Math.log(128) - 1);
    expect(result.loss_last).toBeLessThan(result.loss_first!);
    expect(result.tokens_per_s).toBeCloseTo(32 / result.step_s_median, 6);
    expect(result.step_s_min).toBeLessThanOrEqual(result.step_s_median);
    expect(result.peak_rss_bytes).toBeGreaterThan(result.rss_at_start_bytes);
  });

  it('trains adapters on a shared base with recomputation in bf16', async () => {
    const changes = { lora_rank: 4, precision: 'bf16', gradient_checkpointing: true } as const;
    const result = await benchmarkStep(tiny('joint', changes));
    expect(result.loss_last).toBeLessThan(result.loss_first!);
  });

  it('measures the entropy of the predictions', async () => {
    const result = await benchmarkStep(tiny('entropy'));
    expect(result.loss_first).toBeGreaterThan(0);
    expect(result.loss_first).toBeLessThanOrEqual(Math.log(128));
    expect(result.loss_last).toBe(result.loss_first);
  });

  it('generates', async () => {
    const result = await benchmarkStep(tiny('generate', { batch: 2, prompt_tokens: 5 }));
    expect(result.loss_first).toBeNull();
    expect(result.tokens_per_s).toBeCloseTo(64 / result.step_s_median, 6);
  });
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
