/**
 * What a run will take, before it is started: peak memory by part, steps of each stage and their time
 * where earlier runs say how fast this machine is, disk for its checkpoints, and what to change where it does not fit.
 */
import { freemem, totalmem } from 'node:os';
import type { RunConfig } from '../contract/config.ts';
import type { StageName } from '../contract/events.ts';
import type { Plan } from '../contract/inspection.ts';
import { freeDiskBytes } from '../engine/checkpoint/disk-space.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import { buildExamples } from '../engine/data/build-examples.ts';
import type { Example } from '../engine/data/example.ts';
import { planWindows } from '../engine/data/windows.ts';
import {
  checkpointBytesOf,
  chooseRecompute,
  planMemory,
  totalBytes,
  type MemoryPlanInput,
} from '../engine/plan/memory-plan.ts';
import { loadTokenizer } from '../engine/tokenizer/tokenizer.ts';
import { planBatches } from '../engine/train/batch-plan.ts';
import { accumulates, type BatchShape, type TrainingShape } from '../engine/train/batch-shape.ts';
import { modelSource } from '../engine/train/model-source.ts';
import { choosePrecision } from '../engine/train/precision.ts';
import { wantedBaselines } from './training-stage.ts';

/** Measured on this machine with such a model. */
export interface StepRates {
  stages: { stage: StageName; tokensPerSecond: number; steps: number }[];
  /** Where from, to go on after "the time is ". */
  source: string;
}

/** `existingFolder`: on the disk where the run will lie. Without `rates` there is no time in the plan. */
export async function planRun(
  config: RunConfig,
  existingFolder: string,
  rates: StepRates | null,
): Promise<Plan> {
  const source = modelSource(config.model);
  const model = readModelConfig(source.base);
  const { examples } = await buildExamples({
    data: config.data,
    tokenizer: loadTokenizer(source.base),
    vocabularySize: model.vocabularySize,
    maxLength: config.batch.maxLength,
    lossOn: config.lossOn,
  });
  const steps = withTimes(stageSteps(config, examples), config, examples, rates);
  const shapes = firstShapes(config, examples);
  const shape = largestOf(shapes);
  const stage = {
    config: model,
    precision: choosePrecision(config.precision, model, config.lora, 'cpu'),
    lora: config.lora,
    accumulates: accumulates(shapes),
    moments: config.optimizer.moments,
    weak:
      config.joint.cacheWeak === 'on'
        ? null
        : {
            frozen: config.joint.freezeWeak,
            shareBase:
              config.lora !== null && (config.weak === 'base' || config.weak.includes(':')),
          },
  };
  const recompute = chooseRecompute({ ...stage, shapes: [shape] }, totalmem());
  const input: MemoryPlanInput = { ...stage, shape, recompute };
  const memory = planMemory(input);
  const memoryBytes = totalBytes(memory);
  const memoryAvailableBytes = Math.max(freemem(), totalmem() * 0.9);
  const diskBytes = checkpointDisk(config, input);
  return {
    memory,
    memoryBytes,
    memoryAvailableBytes,
    stages: steps,
    ...totalTime(steps, rates),
    diskBytes,
    diskFreeBytes: freeDiskBytes(existingFolder) ?? 0,
    advice: memoryBytes > memoryAvailableBytes ? advice(config, input, memoryBytes) : [],
  };
}

function stageSteps(
  config: RunConfig,
  examples: readonly Example[],
): { stage: StageName; steps: number }[] {
  const examplesPerWindow = config.batch.micro * config.batch.accumulation;
  const stepsOf = (count: number, { steps, epochs }: { steps?: number; epochs?: number }): number =>
    planWindows({
      indices: new Int32Array(count),
      seed: 0,
      ...(steps ? { steps } : { epochs: epochs ?? 1 }),
      examplesPerWindow,
      shuffle: false,
    }).steps;
  const duration = ({ steps, epochs }: RunConfig['sft']) => ({
    ...(steps !== undefined && { steps }),
    ...(epochs !== undefined && { epochs }),
  });
  const drawn = Math.floor(examples.length * config.curriculum.multiplier);
  const joint = stepsOf(drawn, duration(config.joint));
  return [
    { stage: 'sft', steps: stepsOf(examples.length, duration(config.sft)) },
    { stage: 'joint', steps: joint },
    ...wantedBaselines(config).map((stage) => ({ stage, steps: joint })),
  ];
}

/**
 * Tokens of a stage over tokens per second. Continued SFT and NEFTune are the same work as SFT; joint
 * training and UNDIAL are not, so without a measurement of its own it gets no time.
 */
const likeSft = new Set<StageName>(['baseline', 'neftune']);

function withTimes(
  stages: readonly { stage: StageName; steps: number }[],
  { batch }: RunConfig,
  examples: readonly Example[],
  rates: StepRates | null,
): Plan['stages'] {
  const tokens = examples.reduce((sum, { ids }) => sum + ids.length, 0) / examples.length;
  const perStep = Math.min(batch.micro * batch.accumulation, examples.length) * tokens;
  const rateOf = (stage: StageName): number | undefined =>
    rates?.stages.find((rate) => rate.stage === stage)?.tokensPerSecond;
  return stages.map(({ stage, steps }) => {
    const rate = rateOf(stage) ?? (likeSft.has(stage) ? rateOf('sft') : undefined);
    return { stage, steps, ...(rate && { seconds: (steps * perStep) / rate }) };
  });
}

/** Only where every stage has a time: half a sum would pass for a whole one. */
function totalTime(
  stages: Plan['stages'],
  rates: StepRates | null,
): Pick<Plan, 'seconds' | 'timeSource'> {
  if (rates === null) return {};
  const known = stages.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  if (known.length < stages.length) return { timeSource: rates.source };
  const seconds = known.reduce((sum, each) => sum + each, 0);
  return { seconds, timeSource: rates.source };
}

function firstShapes(config: RunConfig, examples: readonly Example[]): readonly TrainingShape[] {
  const size = config.batch.micro * config.batch.accumulation;
  const steps = Math.min(20, Math.ceil(examples.length / size));
  const at = (step: number): number[] =>
    Array.from(
      { length: Math.min(size, examples.length - step * size) },
      (_, i) => step * size + i,
    );
  return planBatches(examples, { steps, at }, config.batch).shapes;
}

/** With most tokens. */
function largestOf(shapes: readonly BatchShape[]): BatchShape {
  const weight = ({ rows, length, targets }: BatchShape): number => rows * length * 1e6 + targets;
  return shapes.reduce((largest, shape) => (weight(shape) > weight(largest) ? shape : largest));
}

/** Kept checkpoints of three stages: weights and moments each, and one more while it is written. */
function checkpointDisk(config: RunConfig, input: MemoryPlanInput): number {
  return (config.checkpoints.keep * 3 + 1) * checkpointBytesOf(input);
}

/** Changes in the order in which they cost least, each with what it alone saves. */
function advice(config: RunConfig, input: MemoryPlanInput, bytes: number): Plan['advice'] {
  const lora = { rank: 16, alpha: 32, dropout: 0, targets: 'all-linear' as const };
  const options: [string, Partial<MemoryPlanInput>, boolean][] = [
    ['Freeze the weak agent (joint.freezeWeak: true)', { weak: input.weak && { ...input.weak, frozen: true } }, !config.joint.freezeWeak],
    ["Freeze the weak agent and keep its states on disk (joint: { freezeWeak: true, cacheWeak: on })", { weak: null }, config.joint.cacheWeak !== 'on'],
    ['Train a LoRA adapter of rank 16 on one shared base (lora: {})', { lora, weak: { frozen: true, shareBase: true } }, config.lora === null],
    ["Keep AdamW's moments in bf16 (optimizer.moments: bf16)", { moments: 'bf16' }, config.optimizer.moments !== 'bf16'],
    ['Keep the weights in bf16 (precision.weights: bf16)', { precision: { ...input.precision, weights: 'bf16' } }, input.precision.weights === 'f32'],
  ]; // prettier-ignore
  return options
    .filter(([, , applies]) => applies)
    .map(([text, change]) => ({
      text,
      saves: bytes - totalBytes(planMemory({ ...input, ...change })),
    }))
    .filter(({ saves }) => saves > 0);
}
