/**
 * One timed step on random weights: accumulate, norms and update of a training stage, one batch or a whole
 * set of the entropy pass, or greedy generation of T tokens, through the very programs that runs use.
 * Takes and gives what peer_step.py (PyTorch) does, so that the two can be compared. Differences that
 * favour the peer: our step also makes the ten diagnostics of the joint loss and the gradient norm, and
 * keeps AdamW's moments in f32.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OptimizerConfig } from '../../contract/config.ts';
import { elementCount } from '../graph/dtype.ts';
import type { Placement } from '../graph/library.ts';
import { openSession } from '../graph/session.ts';
import type { Batch } from '../data/batch.ts';
import { allParameters } from '../model/variables.ts';
import type { TrainingMode } from '../model/slots.ts';
import { updateScalarsAt } from '../optim/adamw.ts';
import { describeProcessor } from '../runtime/processor.ts';
import { loadTensorFlow } from '../runtime/tensorflow.ts';
import { choosePlacement } from '../runtime/placement.ts';
import { readRuntime } from '../runtime/runtime-record.ts';
import { shapeName } from '../train/batch-shape.ts';
import type { Precision } from '../train/precision.ts';
import type { ObjectiveKind } from '../train/objective.ts';
import { WeakStates } from '../train/weak-states.ts';
import { noiseMagnitudes } from '../model/embedding-noise.ts';
import { accumulateFeeds } from '../train/feeds.ts';
import { buildTrainingProgram } from '../train/training-program.ts';
import { precisionOf, qwen3ConfigOf, type BenchConfig } from './bench-config.ts';
import { meanOfColumn, prepareEntropy, prepareEntropySet } from './entropy-benchmark.ts';
import { prepareGeneration } from './generation-benchmark.ts';
import { median } from './median.ts';
import { deviceOf, type Prepared } from './prepared-step.ts';
import { loadRandomWeights, randomBatch } from './random-inputs.ts';

/** Names as in the peer's output. */
export interface BenchResult {
  name: string | null;
  mode: BenchConfig['mode'];
  step_s_min: number;
  step_s_median: number;
  /** Processor time over all threads: steadier than `step_s_median` on a busy machine. */
  cpu_s_median: number;
  /** From the configuration to an open session: loading TensorFlow, building and opening the graph. */
  open_s: number;
  open_cpu_s: number;
  /** With the compilation that happens in it. */
  first_step_s: number;
  first_step_cpu_s: number;
  tokens_per_s: number;
  peak_rss_bytes: number;
  rss_at_start_bytes: number;
  /** After a twentieth of the timed steps, and after all: equal where nothing leaks. */
  rss_early_bytes: number;
  rss_end_bytes: number;
  /** Null where there is none: generation. */
  loss_first: number | null;
  loss_last: number | null;
  parameters: number;
  precision: BenchConfig['precision'];
  compute: Precision['compute'];
  bf16_impl: 'weights' | null;
  compile: true;
  gradient_checkpointing: boolean;
  lora_rank: number;
  T: number;
  batch: number;
  steps: number;
  device: 'cpu' | 'cuda';
  threads: number;
  tensorflow: string;
}

/** @throws runtime-missing, device-unsupported */
export async function benchmarkStep(bench: BenchConfig): Promise<BenchResult> {
  const device = deviceOf(bench);
  const residentAtStart = process.memoryUsage.rss();
  const opening = performance.now();
  const usedBefore = process.cpuUsage();
  loadTensorFlow(device);
  const { session, models, step, tokens } = await prepare(bench, choosePlacement(device));
  const openSeconds = (performance.now() - opening) / 1000;
  const openProcessorSeconds = processorSecondsSince(usedBefore);
  for (const model of models) loadRandomWeights(session, model, bench.seed);
  const seconds: number[] = [];
  const processorSeconds: number[] = [];
  const losses: (number | null)[] = [];
  let residentEarly = 0;
  for (let index = 0; index < bench.warmup_steps + bench.steps; index++) {
    const used = process.cpuUsage();
    const start = performance.now();
    losses.push(await step(index + 1));
    seconds.push((performance.now() - start) / 1000);
    processorSeconds.push(processorSecondsSince(used));
    if (index === bench.warmup_steps + Math.floor(bench.steps / 20)) {
      residentEarly = process.memoryUsage.rss();
    }
  }
  const residentAtEnd = process.memoryUsage.rss();
  session.close();
  const timed = seconds.slice(bench.warmup_steps);
  return {
    name: bench.name,
    mode: bench.mode,
    step_s_min: Math.min(...timed),
    step_s_median: median(timed),
    cpu_s_median: median(processorSeconds.slice(bench.warmup_steps)),
    open_s: openSeconds,
    open_cpu_s: openProcessorSeconds,
    first_step_s: seconds[0]!,
    first_step_cpu_s: processorSeconds[0]!,
    tokens_per_s: (tokens ?? bench.batch * bench.T) / median(timed),
    peak_rss_bytes: process.resourceUsage().maxRSS * 1024,
    rss_at_start_bytes: residentAtStart,
    rss_early_bytes: residentEarly,
    rss_end_bytes: residentAtEnd,
    loss_first: losses[0] ?? null,
    loss_last: losses.at(-1) ?? null,
    parameters: allParameters(models[0]!).reduce(
      (sum, { variable }) => sum + elementCount(variable.shape),
      0,
    ),
    precision: bench.precision,
    compute: precisionOf(bench).compute,
    bf16_impl: bench.precision === 'bf16' ? 'weights' : null,
    compile: true,
    gradient_checkpointing: bench.gradient_checkpointing,
    lora_rank: bench.lora_rank,
    T: bench.T,
    batch: bench.batch,
    steps: bench.steps,
    device: device === 'gpu' ? 'cuda' : 'cpu',
    threads: describeProcessor().threads,
    tensorflow: readRuntime().tensorflow,
  };
}

function processorSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function prepare(bench: BenchConfig, placement: Placement): Promise<Prepared> {
  if (bench.mode === 'generate') return prepareGeneration(bench, placement);
  if (bench.mode === 'entropy-set') return prepareEntropySet(bench, placement);
  const batch = randomBatch(bench.batch, bench.T, bench.model.vocab_size, bench.seed);
  const { mode } = bench;
  return mode === 'entropy'
    ? prepareEntropy(bench, placement, batch)
    : prepareTraining({ ...bench, mode }, placement, batch);
}

async function prepareTraining(
  bench: BenchConfig & {
    mode: Exclude<BenchConfig['mode'], 'entropy' | 'entropy-set' | 'generate'>;
  },
  placement: Placement,
  batch: Batch,
): Promise<Prepared> {
  const config = qwen3ConfigOf(bench);
  const { weights, compute } = precisionOf(bench);
  const objective = bench.mode.startsWith('joint') ? 'joint' : (bench.mode as ObjectiveKind);
  const cached = bench.mode === 'joint-cached';
  const lora = bench.lora_rank
    ? { rank: bench.lora_rank, alpha: bench.lora_alpha, dropout: 0, targets: 'all-linear' as const }
    : null;
  const trained: TrainingMode = { trained: lora ? 'adapter' : 'all', weights, lora };
  const frozen: TrainingMode = { trained: 'nothing', weights, lora: null };
  const weakMode = bench.mode === 'joint-both' ? trained : frozen;
  const optimizer: OptimizerConfig = {
    learningRate: bench.lr,
    betas: [0.9, 0.999],
    epsilon: 1e-8,
    weightDecay: 0,
    maxGradNorm: 1,
    moments: bench.moments,
  };
  const shape = { rows: bench.batch, length: bench.T, targets: batch.labels.length };
  const { program, strong, weak } = buildTrainingProgram({
    config,
    strong: trained,
    weak:
      objective === 'sft' || objective === 'neftune'
        ? null
        : { config, mode: weakMode, shareBase: lora !== null, cached },
    compute,
    recompute: bench.gradient_checkpointing ? 'all' : 'cheap',
    placement,
    optimizer,
    objective,
    shapes: [{ ...shape, writes: ['set'] }],
    measureShapes: [],
    logitsShapes: [],
  });
  const session = await openSession(program);
  const states = cached ? zeroStates(bench, batch) : null;
  if (cached && !lora) session.zero('weak/weights');
  const models = weak ? [strong, weak] : [strong];
  for (const { prefix, mode } of models) {
    if (mode.trained !== 'nothing') session.zero(`${prefix}/moments`);
  }
  const feeds = accumulateFeeds(batch, 1 / batch.targets, bench.lambda, config.vocabularySize);
  if (objective === 'neftune') {
    feeds['noiseKey'] = Int32Array.of(bench.seed, 0);
    feeds['noiseMagnitudes'] = noiseMagnitudes(batch, 5, config.hiddenSize);
  }
  const step = (update: number): number => {
    if (states) feeds['weakStates'] = states.read(batch);
    const { metrics } = session.call(`set:${shapeName(shape)}`, feeds);
    session.call('apply', { ...updateScalarsAt(update, bench.lr, 1, optimizer) });
    return meanOfColumn(metrics as Float32Array, 0, batch);
  };
  return { session, models, step };
}

/** A weak cache that holds the batch: its values do not matter, its reading in every step does. */
function zeroStates(bench: BenchConfig, batch: Batch): WeakStates {
  const { model } = bench;
  const types = precisionOf(bench);
  const folder = mkdtempSync(join(tmpdir(), 'wds-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const key = { fingerprint: 'bench', hidden: model.hidden_size, machine: 'bench', ...types };
  const states = new WeakStates(folder, key);
  const words = (batch.labels.length * model.hidden_size) / (types.compute === 'f32' ? 1 : 2);
  states.write(batch, new Int32Array(words));
  return states;
}
