/**
 * Peak memory of a training stage, computed from shapes, in bytes. It is fullest either at the loss
 * (all that the backward pass will read, and a chunk of logits) or at the end of the backward pass
 * (all gradients, which are not there before it and are released by the update).
 * N parameters, L layers, t = B*T tokens of a call, c = bytes of the compute type.
 */
import type { LoraConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { expectedTensors } from '../checkpoint/model-tensors.ts';
import { elementCount } from '../graph/dtype.ts';
import { longestKept } from '../model/attention.ts';
import { hasAdapter, linearNames, linearShapes } from '../model/slots.ts';
import { chunks, type BatchShape } from '../train/batch-shape.ts';
import type { Precision } from '../train/precision.ts';

export interface MemoryPlanInput {
  config: Qwen3Config;
  precision: Precision;
  lora: LoraConfig | null;
  /** null: SFT. */
  weak: { frozen: boolean; shareBase: boolean } | null;
  shape: BatchShape;
  /** Whether windows have more than one micro-batch: gradients are then summed in f32. */
  accumulates: boolean;
  /** Of AdamW, where all is trained; absent: f32. */
  moments?: 'f32' | 'bf16' | undefined;
  recompute: 'all' | 'cheap';
}

/** A stage with all of its shapes. */
type PlannedShapes = Omit<MemoryPlanInput, 'recompute' | 'shape'> & {
  shapes: readonly BatchShape[];
};

export interface MemoryPart {
  part: string;
  bytes: number;
}

/** Node, TensorFlow, XLA and compiled programs, measured as resident memory of an idle session. */
const runtimeBytes = 720e6;

export function planMemory(input: MemoryPlanInput): MemoryPart[] {
  const { config, precision, lora, weak } = input;
  const weightBytes = precision.weights === 'f32' ? 4 : 2;
  const parameters = parameterCount(config);
  const adapter = lora ? adapterCount(config, lora) : 0;
  const trained = lora ? adapter : parameters;
  const trainedModels = weak && !weak.frozen ? 2 : 1;
  const bodies = weak && !weak.shareBase ? 2 : 1;
  const adapters = lora ? adapter * (weak && !weak.frozen ? 2 : 1) : 0;
  const kept = keptPerToken(input) * input.shape.rows * input.shape.length;
  const always = [
    { part: 'runtime', bytes: runtimeBytes },
    { part: 'weights', bytes: bodies * parameters * weightBytes + adapters * 4 },
    { part: 'optimizer moments', bytes: trainedModels * trained * 2 * momentBytes(input) },
    { part: 'one layer at work', bytes: layerTransient(input) },
    { part: 'head widened to f32', bytes: bodies * widenedHead(input) },
  ];
  const atLoss = [
    { part: 'activations kept for the backward pass', bytes: trainedModels * kept },
    { part: 'one chunk of logits', bytes: logitsChunk(input) },
    { part: 'gradient of the head', bytes: trainedModels * 4 * (lora ? 0 : largestTrained(input)) },
  ];
  const atUpdate = [
    { part: 'gradients', bytes: trainedModels * (lora ? adapter * 4 : gradientBytes(input)) },
    { part: 'largest update at work', bytes: 3 * 4 * largestTrained(input) },
  ];
  const fullest = totalBytes(atLoss) > totalBytes(atUpdate) ? atLoss : atUpdate;
  return [...always, ...fullest].filter(({ bytes }) => bytes > 0);
}

export function totalBytes(parts: readonly MemoryPart[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Whether the backward pass computes its layers again (`all`, about a third more work) or reads what
 * the forward pass kept (`cheap`): the latter where its peak fits in 80 % of `memoryBytes`.
 */
export function chooseRecompute(input: PlannedShapes, memoryBytes: number): 'all' | 'cheap' {
  return fits(input, 'cheap', memoryBytes) ? 'cheap' : 'all';
}

/** Whether every shape's peak is within 80 % of `memoryBytes`. */
export function fits(
  { shapes, ...rest }: PlannedShapes,
  recompute: MemoryPlanInput['recompute'],
  memoryBytes: number,
): boolean {
  const peaks = shapes.map((shape) => totalBytes(planMemory({ ...rest, shape, recompute })));
  return Math.max(...peaks) <= 0.8 * memoryBytes;
}

/** Weights and moments of a checkpoint of one model. */
export function checkpointBytesOf(input: MemoryPlanInput): number {
  const { config, precision, lora } = input;
  const trained = lora ? adapterCount(config, lora) : parameterCount(config);
  return trained * (2 * momentBytes(input) + (lora || precision.weights === 'f32' ? 4 : 2));
}

function momentBytes({ lora, moments }: MemoryPlanInput): number {
  return !lora && moments === 'bf16' ? 2 : 4;
}

export function parameterCount(config: Qwen3Config): number {
  return [...expectedTensors(config).values()].reduce((sum, shape) => sum + elementCount(shape), 0);
}

function adapterCount(config: Qwen3Config, lora: LoraConfig): number {
  const shapes = linearShapes(config);
  const perLayer = linearNames
    .filter((name) => hasAdapter(lora, name))
    .reduce((sum, name) => sum + lora.rank * (shapes[name][0] + shapes[name][1]), 0);
  return perLayer * config.layers;
}

/** Bytes that the forward pass leaves for the backward pass, per token, all layers. */
function keptPerToken({ config, precision, recompute, shape }: MemoryPlanInput): number {
  const { hiddenSize: hidden, intermediateSize: intermediate, headDim, heads } = config;
  if (recompute === 'all') return config.layers * 4 * hidden;
  const c = precision.compute === 'f32' ? 4 : 2;
  const queries = heads * headDim;
  const keys = config.keyValueHeads * headDim;
  const projections = 2 * (queries + 2 * keys) + 2 * queries + hidden;
  const probabilities = shape.length > longestKept ? 0 : (heads * shape.length) / 2;
  return (
    config.layers * (8 * hidden + c * (2 * hidden + projections + probabilities + 3 * intermediate))
  );
}

function layerTransient({ config, precision, shape }: MemoryPlanInput): number {
  const c = precision.compute === 'f32' ? 4 : 2;
  const { rows, length } = shape;
  const scores = rows * config.heads * Math.min(length, 256) * length;
  const wide = rows * length * 4 * config.intermediateSize;
  return 3 * scores * c + wide * c;
}

/** A bf16 table takes part in f32 products as a whole (two layers of Qwen3-4B's widths: 1.06 of measured). */
function widenedHead({ config, precision }: MemoryPlanInput): number {
  const isWidened = precision.weights === 'bf16' && precision.compute === 'f32';
  return isWidened ? 4 * config.vocabularySize * config.hiddenSize : 0;
}

/** In the compute type: f32 copies are made in blocks of rows that stay in the processor's cache. */
function logitsChunk({ config, precision, shape, weak }: MemoryPlanInput): number {
  const [first] = chunks(shape.targets, config.vocabularySize);
  const rows = first ? first.end - first.begin : 0;
  const c = precision.compute === 'f32' ? 4 : 2;
  return rows * config.vocabularySize * c * (weak ? 6 : 3);
}

/** Of one fully trained model: those of the vocabulary matrices are sums in any case. */
function gradientBytes({ config, precision, accumulates }: MemoryPlanInput): number {
  const matrices = config.tieWordEmbeddings ? 1 : 2;
  const vocabulary = matrices * config.vocabularySize * config.hiddenSize;
  const each = accumulates || precision.weights === 'f32' ? 4 : 2;
  return 4 * vocabulary + each * (parameterCount(config) - vocabulary);
}

function largestTrained({ config, lora }: MemoryPlanInput): number {
  if (lora) return lora.rank * Math.max(config.intermediateSize, config.hiddenSize);
  return config.vocabularySize * config.hiddenSize;
}
