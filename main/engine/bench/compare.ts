/**
 * Our step beside PyTorch's, for a user who has PyTorch: every variant of both programs on the same
 * configuration, in fresh processes, interleaved (A B C ... A B C ...) so that a machine that slows
 * down slows all of them; medians over the rounds. What a step is depends on the part: a training
 * step, a batch or a whole set of the entropy pass, or greedy generation.
 */
import { execFile, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StudioError } from '../../contract/errors.ts';
import { median } from './median.ts';

export interface Variant {
  label: string;
  program: 'ours' | 'torch';
  settings: string[];
  /** Left out of the parts that train nothing. */
  trainingOnly?: true;
  /**
   * For devices that multiply bf16 (elsewhere a step can take 30 times as long), or only for those that
   * do not; can be asked for everywhere.
   */
  multipliesBf16?: boolean;
}

export const variants: readonly Variant[] = [
  { label: 'ours f32', program: 'ours', settings: ['precision=f32'] },
  { label: 'ours bf16', program: 'ours', settings: ['precision=bf16'], multipliesBf16: true },
  // As PyTorch has them where its weights are bf16.
  {
    label: 'ours bf16, bf16 moments',
    program: 'ours',
    settings: ['precision=bf16', 'moments=bf16'],
    trainingOnly: true,
    multipliesBf16: true,
  },
  // What training an adapter chooses where bf16 is not multiplied.
  {
    label: 'ours bf16, f32 products',
    program: 'ours',
    settings: ['precision=bf16', 'compute=f32'],
    multipliesBf16: false,
  },
  torchVariant('f32', false),
  torchVariant('f32', true),
  torchVariant('bf16', false),
  torchVariant('bf16', true),
];

function torchVariant(precision: 'f32' | 'bf16', compile: boolean): Variant {
  return {
    label: `torch ${precision} ${compile ? 'compiled' : 'eager'}`,
    program: 'torch',
    settings: [`precision=${precision}`, `compile=${compile}`],
    ...(precision === 'bf16' && { multipliesBf16: true }),
  };
}

/** Those with one of the `labels`; without any, all that a part of this kind and the device call for. */
export function chooseVariants(
  labels: readonly string[],
  { trains, multipliesBf16 }: { trains: boolean; multipliesBf16: boolean },
): Variant[] {
  if (labels.length > 0) return variants.filter(({ label }) => labels.includes(label));
  return variants
    .filter(({ trainingOnly }) => trains || !trainingOnly)
    .filter((variant) => [undefined, multipliesBf16].includes(variant.multipliesBf16));
}

/** Whether a step of the benchmark with these settings trains. */
export function trainsWith(settings: readonly string[]): boolean {
  return !settings.some((setting) => /^mode=(entropy|entropy-set|generate)$/.test(setting));
}

/** Settings that go before the user's own. */
export const benchParts = {
  step: [],
  entropy: ['mode=entropy'],
  'entropy-set': ['mode=entropy-set', 'batch=8', 'steps=3', 'warmup_steps=1'],
  decode: ['mode=generate', 'T=128', 'steps=3', 'warmup_steps=1', 'batch=1'],
  'decode-16': ['mode=generate', 'T=128', 'steps=3', 'warmup_steps=1', 'batch=16'],
} as const satisfies Record<string, readonly string[]>;

export type BenchPart = keyof typeof benchParts;

/** What both programs print and the comparison reads. */
export interface Measurement {
  step_s_median: number;
  step_s_min: number;
  /** Processor time over all threads. */
  cpu_s_median: number;
  tokens_per_s: number;
  peak_rss_bytes: number;
}

export interface ComparedVariant {
  label: string;
  program: Variant['program'];
  /** Of the medians of each round. */
  stepSeconds: number;
  fastestStepSeconds: number;
  processorSeconds: number;
  tokensPerSecond: number;
  peakBytes: number;
  rounds: number;
}

export interface CompareOptions {
  variants: readonly Variant[];
  configFile: string;
  settings: readonly string[];
  rounds: number;
  /** Python with torch and transformers. */
  python: string;
  /** The words of a command that runs `wds bench`. */
  ours: readonly string[];
  onStart: (label: string, done: number, total: number) => void;
}

const peerScript = fileURLToPath(new URL('peer_step.py', import.meta.url));

/**
 * The first of `candidates` that imports torch and transformers.
 * @throws runtime-missing naming what is missing
 */
export function findTorch(candidates: readonly string[]): string {
  const reasons = candidates.map((python) => {
    const options = { encoding: 'utf8', stdio: 'pipe', timeout: 120_000 } as const;
    try {
      execFileSync(python, ['-c', 'import torch, transformers'], options);
      return null;
    } catch (error) {
      const { stderr, code } = error as { stderr?: string; code?: string };
      if (code === 'ENOENT') return `${python} is not there`;
      return `${python}: ${stderr?.trim().split('\n').at(-1) ?? String(error)}`;
    }
  });
  const found = candidates[reasons.indexOf(null)];
  if (found !== undefined) return found;
  throw new StudioError(
    'runtime-missing',
    `The comparison needs Python with PyTorch and transformers (${reasons.join('; ')}).`,
    'Run `pip install torch transformers` in an environment and name its Python with --python.',
  );
}

/** @throws engine-crashed naming the variant, with the last line that it printed */
export async function compare(options: CompareOptions): Promise<ComparedVariant[]> {
  const compared = options.variants;
  const results = new Map<Variant, Measurement[]>(compared.map((variant) => [variant, []]));
  const total = options.rounds * compared.length;
  let done = 0;
  for (let round = 0; round < options.rounds; round++) {
    for (const variant of compared) {
      options.onStart(variant.label, done++, total);
      results.get(variant)!.push(await measure(variant, options));
    }
  }
  return compared.map((variant) => summarise(variant, results.get(variant)!));
}

async function measure(variant: Variant, options: CompareOptions): Promise<Measurement> {
  const settings = [...options.settings, ...variant.settings].map((setting) => `--set=${setting}`);
  const [program, ...args] =
    variant.program === 'ours'
      ? [...options.ours, '--config', options.configFile, '--json', ...settings]
      : [options.python, peerScript, options.configFile, ...settings];
  try {
    const { stdout } = await promisify(execFile)(program!, args, { maxBuffer: 2 ** 26 });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measurement;
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout?: string; stderr?: string };
    const said = (stderr || stdout || String(cause)).trim().split('\n').at(-1);
    const hint = `It was started as: ${[program, ...args].join(' ')}`;
    throw new StudioError('engine-crashed', `${variant.label}: ${said}`, hint, { cause });
  }
}

export function summarise(
  { label, program }: Variant,
  results: readonly Measurement[],
): ComparedVariant {
  const middle = (pick: (result: Measurement) => number): number => median(results.map(pick));
  return {
    label,
    program,
    stepSeconds: middle((result) => result.step_s_median),
    fastestStepSeconds: Math.min(...results.map((result) => result.step_s_min)),
    processorSeconds: middle((result) => result.cpu_s_median),
    tokensPerSecond: middle((result) => result.tokens_per_s),
    peakBytes: Math.max(...results.map((result) => result.peak_rss_bytes)),
    rounds: results.length,
  };
}

/** Of `row` to PyTorch's fastest row in time, and to its leanest in memory; null where PyTorch has no row. */
export function ratios(
  row: ComparedVariant,
  rows: readonly ComparedVariant[],
): { toBest: number; memoryToLeanest: number } | null {
  const torch = rows.filter(({ program }) => program === 'torch');
  if (torch.length === 0) return null;
  return {
    toBest: row.stepSeconds / Math.min(...torch.map(({ stepSeconds }) => stepSeconds)),
    memoryToLeanest: row.peakBytes / Math.min(...torch.map(({ peakBytes }) => peakBytes)),
  };
}
