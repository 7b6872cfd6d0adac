/**
 * How the cost of a training step grows with one size while the others stay: length, depth,
 * vocabulary, batch. Every point is a process of its own. For depth the first step is measured twice,
 * without and with a filled compile cache.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchResult } from './step-benchmark.ts';

export const scalingAxes = ['length', 'depth', 'vocabulary', 'batch'] as const;
export type ScalingAxis = (typeof scalingAxes)[number];

export interface ScalingPoint {
  axis: ScalingAxis;
  size: number;
  stepSeconds: number;
  processorSeconds: number;
  peakBytes: number;
  start: StartTimes;
  /** With the compile cache that the first process left. Depth only. */
  warmStart: StartTimes | null;
}

/** Processor seconds: opening the session, and what the first step takes beyond an ordinary one. */
export interface StartTimes {
  open: number;
  compile: number;
}

const model = {
  hidden_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 64,
  intermediate_size: 768,
  vocab_size: 2048,
};

const sizes: Record<ScalingAxis, readonly number[]> = {
  length: [512, 1024, 2048, 4096, 8192],
  depth: [4, 8, 16, 36],
  vocabulary: [2048, 8192, 32_768, 151_936],
  batch: [1, 2, 4, 8],
};

function settingsOf(axis: ScalingAxis, size: number): string[] {
  const changed = {
    length: { T: size },
    depth: { T: 128, model: { ...model, num_hidden_layers: size } },
    vocabulary: { T: 128, model: { ...model, vocab_size: size } },
    batch: { T: 256, batch: size },
  }[axis];
  const whole = { mode: 'sft', steps: 3, warmup_steps: 1, gradient_checkpointing: true, model };
  return Object.entries({ ...whole, ...changed }).map(
    ([key, value]) => `--set=${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
}

/** `ours`: the words of a command that runs `wds bench`. */
export async function measureScaling(
  ours: readonly string[],
  axes: readonly ScalingAxis[],
  onPoint: (axis: ScalingAxis, size: number) => void,
): Promise<ScalingPoint[]> {
  const points: ScalingPoint[] = [];
  for (const axis of axes) {
    for (const size of sizes[axis]) {
      onPoint(axis, size);
      points.push(await measurePoint(ours, axis, size));
    }
  }
  return points;
}

async function measurePoint(
  ours: readonly string[],
  axis: ScalingAxis,
  size: number,
): Promise<ScalingPoint> {
  const cache = mkdtempSync(join(tmpdir(), 'wds-compile-cache-'));
  const [program, ...words] = ours;
  const run = async (): Promise<BenchResult> => {
    const args = [...words, '--config', 'small', '--json', ...settingsOf(axis, size)];
    const environment = {
      ...process.env,
      TF_XLA_FLAGS: `--tf_xla_persistent_cache_directory=${cache}`,
    };
    const options = { maxBuffer: 2 ** 26, env: environment };
    const { stdout } = await promisify(execFile)(program!, args, options);
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as BenchResult;
  };
  try {
    const cold = await run();
    const warm = axis === 'depth' ? await run() : null;
    return {
      axis,
      size,
      stepSeconds: cold.step_s_median,
      processorSeconds: cold.cpu_s_median,
      peakBytes: cold.peak_rss_bytes,
      start: startOf(cold),
      warmStart: warm && startOf(warm),
    };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

function startOf(result: BenchResult): StartTimes {
  return { open: result.open_cpu_s, compile: result.first_step_cpu_s - result.cpu_s_median };
}
