/**
 * The program of a training stage: SFT (one model), joint training (WD-JT: strong and weak), or a
 * baseline (NEFTune; UNDIAL, whose teacher takes the weak model's place).
 * Entries, for every batch shape:
 *   set:<shape>      forward, mixed loss, backward; gradients are set (first micro-batch of a window)
 *   add:<shape>      the same, gradients are added to those of the micro-batches before
 *   measure:<shape>  forward of the strong model and its metrics
 *   logits:<shape>   forward of the strong model and whole rows of its logits
 * and once: apply (AdamW on everything trained, whose gradients are then released: between two steps they
 * take no memory). set and add also give the sum of squares of each gradient: the host looks at the norm
 * before it applies, so that a step with a gradient that is not finite is never made.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { DifferentiableFunction } from '../graph/differentiate.ts';
import type { Placement } from '../graph/library.ts';
import { gather } from '../graph/ops/gather.ts';
import { pad } from '../graph/ops/shape.ts';
import { Program } from '../graph/program.ts';
import type { GradientWrite } from '../graph/ops/variable.ts';
import type { Value } from '../graph/scope.ts';
import type { HeadModel } from '../loss/head.ts';
import { defineLayer } from '../model/layer.ts';
import { addEmbeddingGradient, backward, forward, type Hidden } from '../model/qwen3.ts';
import type { TrainingMode } from '../model/slots.ts';
import {
  declareHead, declareModel, type ModelVariables, type Parameter,
} from '../model/variables.ts'; // prettier-ignore
import {
  accumulates,
  batchInputs,
  batchPlaceholders,
  shapeName,
  type BatchShape,
  type TrainingShape,
} from './batch-shape.ts';
import { gradientSquares, squaresName } from './gradient-squares.ts';
import { lossOverChunks, type LossSide } from './loss-over-chunks.ts';
import { addLogitsEntry, addMeasureEntry } from './measure-program.ts';
import type { ObjectiveKind } from './objective.ts';
import { addOptimizerEntry } from './optimizer-entry.ts';
import { statesPlaceholder } from './weak-states-program.ts';

export interface TrainingSetup {
  config: Qwen3Config;
  strong: TrainingMode;
  weak: WeakSetup | null;
  compute: 'f32' | 'bf16';
  recompute: 'all' | 'cheap';
  placement: Placement;
  optimizer: OptimizerConfig;
  objective: ObjectiveKind;
  shapes: readonly TrainingShape[];
  measureShapes: readonly BatchShape[];
  logitsShapes: readonly BatchShape[];
  /** What the logits of one chunk of answer rows may take; absent: as `chunks` has it. */
  chunkBytes?: number;
}

export interface WeakSetup {
  config: Qwen3Config;
  mode: TrainingMode;
  /** Its matrices are the strong model's frozen base. */
  shareBase: boolean;
  /** It is frozen and its final hidden states are fed (weak-states.ts): of it only the head is here. */
  cached: boolean;
}

export interface TrainingProgram {
  program: Program;
  strong: ModelVariables;
  weak: ModelVariables | null;
  /** Of a cached weak model. */
  weakHead: Parameter | null;
}

export function buildTrainingProgram(setup: TrainingSetup): TrainingProgram {
  const program = new Program(setup.placement);
  const moments = setup.optimizer.moments ?? 'f32';
  const types = { accumulates: accumulates(setup.shapes), moments };
  const strong = declareModel(program, 'strong', setup.config, setup.strong, null, types);
  const models: Models = { strong, weak: null, weakHead: null };
  if (setup.weak) {
    const { config, mode, shareBase, cached } = setup.weak;
    const base = shareBase ? strong : null;
    if (cached) models.weakHead = declareHead(program, 'weak', config, mode.weights, base);
    else models.weak = declareModel(program, 'weak', config, mode, base, types);
  }
  for (const shape of setup.shapes) {
    for (const how of shape.writes) addGradients(program, setup, models, shape, how);
  }
  for (const shape of setup.measureShapes) addMeasureEntry(program, strong, shape, setup.compute);
  for (const shape of setup.logitsShapes) addLogitsEntry(program, strong, shape, setup.compute);
  addOptimizerEntry(program, setup.optimizer, models.weak ? [strong, models.weak] : [strong]);
  return { program, ...models };
}

type Models = Omit<TrainingProgram, 'program'>;

function layerOf(
  program: Program,
  setup: TrainingSetup,
  model: ModelVariables,
  { rows, length }: BatchShape,
): DifferentiableFunction {
  const { compute, recompute } = setup;
  const shape = { rows, length, compute, recompute };
  return defineLayer(program.library, model.config, model.slots, shape, model.mode.lora);
}

function addGradients(
  program: Program,
  setup: TrainingSetup,
  { strong, weak, weakHead }: Models,
  shape: BatchShape,
  how: GradientWrite,
): void {
  const dropout = (strong.mode.lora?.dropout ?? 0) > 0;
  const embeddingNoise = setup.objective === 'neftune';
  const batch = batchPlaceholders(program, shape, { dropout, embeddingNoise });
  const positions = shape.rows * shape.length;
  const unique = Math.min(positions, strong.config.vocabularySize);
  const more = {
    /** [R] f32: each row's share of the loss; 0 for padding. */
    weights: program.placeholder('f32', [shape.targets]),
    /** [B*T] i32: the row of `targetRows` that a position is, or R. */
    rowOfPosition: program.placeholder('i32', [positions]),
    lambda: program.placeholder('f32', []),
  };
  const tokens = {
    uniqueIds: program.placeholder('i32', [unique]),
    uniqueIndex: program.placeholder('i32', [positions]),
  };
  const passOf = (model: ModelVariables): Pass => {
    const layer = layerOf(program, setup, model, shape);
    const keep = model.mode.trained !== 'nothing';
    const drops = (model.mode.lora?.dropout ?? 0) > 0;
    const own = drops ? batch : { ...batch, dropoutKey: null };
    return { model, layer, hidden: forward(model, layer, own, keep) };
  };
  const weakPass = weak && passOf(weak);
  const strongPass = passOf(strong);
  const sideOf = ({ model, hidden }: Pass): LossSide => ({
    model: headModel(model),
    shape: headShape(model.config, setup),
    rows: gather(hidden.states, batch.targetRows),
    finalNorm: model.finalNorm,
    head: model.head,
  });
  const given = weakHead && cachedSide(program, setup, weakHead, shape);
  const second = weakPass ? sideOf(weakPass) : given && given.side;
  const loss = lossOverChunks(program, {
    sides: second ? [sideOf(strongPass), second] : [sideOf(strongPass)],
    teaches: setup.objective === 'undial',
    labels: batch.labels,
    weights: more.weights,
    lambda: more.lambda,
    how,
    chunkBytes: setup.chunkBytes,
  });
  const effects = [...loss.effects];
  const squares: Record<string, Value> = {};
  [strongPass, ...(weakPass ? [weakPass] : [])].forEach(({ model, layer, hidden }, index) => {
    const rowGradient = loss.rowGradients[index];
    if (!rowGradient) return;
    const padded = pad(rowGradient, [0, 0], [1, 0]);
    const back = backward(layer, hidden.tape, gather(padded, more.rowOfPosition), how);
    const embedding = addEmbeddingGradient(model, back.rows, tokens, how, loss.effects);
    effects.push(...back.effects, ...(embedding ? [embedding] : []));
    // Each layer's call waits for that of the layer above, and the first of them for the loss.
    const last = embedding ?? back.effects.at(-1)!;
    squares[squaresName(model.prefix)] = gradientSquares(program, model, [last]);
  });
  const whole = setup.strong.trained === 'all' || weak?.mode.trained === 'all';
  const inputs = {
    ...batchInputs(batch),
    ...more,
    ...(whole && tokens),
    ...(given && { weakStates: given.fed }),
  };
  program.entry(
    `${how}:${shapeName(shape)}`,
    inputs,
    { metrics: loss.metrics, ...squares },
    effects,
  );
}

interface Pass {
  model: ModelVariables;
  layer: DifferentiableFunction;
  hidden: Hidden;
}

function headModel({ mode }: ModelVariables): HeadModel {
  return { trained: mode.trained === 'all', wantsRows: mode.trained !== 'nothing', rows: 'states' };
}

function headShape(config: Qwen3Config, setup: TrainingSetup): LossSide['shape'] {
  return {
    hidden: config.hiddenSize,
    vocabulary: config.vocabularySize,
    epsilon: config.rmsNormEpsilon,
    weights: setup.strong.weights,
    compute: setup.compute,
  };
}

/** The weak model's rows as `weakStates` feeds them: as weak-states-program.ts has left them. */
function cachedSide(
  program: Program,
  setup: TrainingSetup,
  head: Parameter,
  { targets }: BatchShape,
): { side: LossSide; fed: Value } {
  const shape = headShape(setup.weak!.config, setup);
  const { fed, rows } = statesPlaceholder(program, targets, shape.hidden, setup.compute);
  const model: HeadModel = { trained: false, wantsRows: false, rows: 'normed' };
  return { side: { model, shape, rows, finalNorm: null, head }, fed };
}
