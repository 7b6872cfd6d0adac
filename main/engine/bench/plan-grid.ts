/**
 * The memory plan against measured peaks, over a grid of settings: each point is a training step of
 * `wds bench` in a process of its own. Peaks are resident memory, which the model's random weights pass
 * through piece by piece like those of a file.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { planMemory, totalBytes, type MemoryPart } from '../plan/memory-plan.ts';
import { precisionOf, qwen3ConfigOf, readBenchConfig } from './bench-config.ts';
import type { BenchResult } from './step-benchmark.ts';

export interface PlanPoint {
  settings: string;
  plannedBytes: number;
  measuredBytes: number;
  parts: readonly MemoryPart[];
}

const base = ['steps=1', 'warmup_steps=1'];

const grid: readonly (readonly string[])[] = [
  ['mode=sft', 'gradient_checkpointing=false'],
  ['mode=sft', 'gradient_checkpointing=true'],
  ['mode=joint', 'gradient_checkpointing=false'],
  ['mode=joint-both', 'gradient_checkpointing=false'],
  ['mode=sft', 'gradient_checkpointing=false', 'batch=4'],
  ['mode=joint', 'gradient_checkpointing=true', 'lora_rank=16'],
].flatMap((own) => ['f32', 'bf16'].map((precision) => [`precision=${precision}`, ...own]));

/** `config`: a name or file as `wds bench` takes it; `ours`: the words of a command that runs it. */
export async function measurePlans(
  ours: readonly string[],
  config: string,
  onPoint: (point: PlanPoint) => void,
): Promise<PlanPoint[]> {
  const points: PlanPoint[] = [];
  for (const own of grid) {
    const settings = own.join(' ');
    const [program, ...words] = ours;
    const chosen = [...base, ...own];
    const args = [...words, '--config', config, '--json', ...chosen.map((each) => `--set=${each}`)];
    const { stdout } = await promisify(execFile)(program!, args, { maxBuffer: 2 ** 26 });
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!) as BenchResult;
    const parts = planOf(config, chosen);
    const point = {
      settings,
      plannedBytes: totalBytes(parts),
      measuredBytes: result.peak_rss_bytes,
      parts,
    };
    onPoint(point);
    points.push(point);
  }
  return points;
}

function planOf(name: string, settings: readonly string[]): MemoryPart[] {
  const bench = readBenchConfig(name, settings);
  const lora = bench.lora_rank
    ? { rank: bench.lora_rank, alpha: bench.lora_alpha, dropout: 0, targets: 'all-linear' as const }
    : null;
  return planMemory({
    config: qwen3ConfigOf(bench),
    precision: precisionOf(bench),
    lora,
    weak:
      bench.mode === 'sft' ? null : { frozen: bench.mode === 'joint', shareBase: lora !== null },
    shape: { rows: bench.batch, length: bench.T, targets: bench.batch * bench.T },
    accumulates: false,
    moments: bench.moments,
    recompute: bench.gradient_checkpointing ? 'all' : 'cheap',
  });
}
