/**
 * The program of a training stage: SFT (one model), joint training (WD-JT: strong and weak), or a
 * baseline (NEFTune; UNDIAL, whose teacher takes the weak model's place).
 * Entries, for every batch shape:
 *   set:<shape>      forward, mixed loss, backward; gradients are set (first micro-batch of a window)
 *   add:<shape>      the same, gradients are added to those of the micro-batches before
 *   measure:<shape>  forward of the strong model and its metrics
 *   logits:<shape>   forward of the strong model and whole rows of its logits
 * and once: norms (sum of squares of each gradient), apply (AdamW on everything trained, whose
 * gradients are then released: between two steps they take no memory).
 * The host reads the norms before it applies: a step with a gradient that is not finite is never made.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { DifferentiableFunction } from '../graph/differentiate.ts';
import { callFunction, type Placement } from '../graph/library.ts';
import { gather } from '../graph/ops/gather.ts';
import { concat, pad, reshape, sliceAxis } from '../graph/ops/shape.ts';
import { Program } from '../graph/program.ts';
import { releaseVariable, type GradientWrite } from '../graph/ops/variable.ts';
import type { Node, Value } from '../graph/scope.ts';
import type { HeadModel, HeadShape } from '../loss/head.ts';
import { defineMixedLoss } from '../loss/mixed-cross-entropy.ts';
import { defineLayer } from '../model/layer.ts';
import { addEmbeddingGradient, backward, forward, type Hidden } from '../model/qwen3.ts';
import type { TrainingMode } from '../model/slots.ts';
import { declareModel, trainedParameters, type ModelVariables } from '../model/variables.ts';
import { defineAdamW, defineSumOfSquares, isDecayed, updateScalars } from '../optim/adamw.ts';
import {
  batchInputs,
  batchPlaceholders,
  chunks,
  shapeName,
  type BatchShape,
  type TrainingShape,
} from './batch-shape.ts';
import type { ObjectiveKind } from './objective.ts';
import { addLogitsEntry, addMeasureEntry } from './measure-program.ts';

export interface TrainingSetup {
  config: Qwen3Config;
  strong: TrainingMode;
  /** `shareBase`: the weak model's matrices are the strong one's frozen base. */
  weak: { config: Qwen3Config; mode: TrainingMode; shareBase: boolean } | null;
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

export interface TrainingProgram {
  program: Program;
  strong: ModelVariables;
  weak: ModelVariables | null;
}

export function buildTrainingProgram(setup: TrainingSetup): TrainingProgram {
  const program = new Program(setup.placement);
  const strong = declareModel(program, 'strong', setup.config, setup.strong);
  const { weak: weakSetup } = setup;
  const weak = weakSetup
    ? declareModel(
        program,
        'weak',
        weakSetup.config,
        weakSetup.mode,
        weakSetup.shareBase ? strong : null,
      )
    : null;
  for (const shape of setup.shapes) {
    for (const how of shape.writes) addGradients(program, setup, strong, weak, shape, how);
  }
  for (const shape of setup.measureShapes) addMeasureEntry(program, strong, shape, setup.compute);
  for (const shape of setup.logitsShapes) addLogitsEntry(program, strong, shape, setup.compute);
  addOptimizer(program, setup.optimizer, weak ? [strong, weak] : [strong]);
  return { program, strong, weak };
}

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
  strong: ModelVariables,
  weak: ModelVariables | null,
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
  const models = weak ? [weak, strong] : [strong];
  const passes = new Map<ModelVariables, { layer: DifferentiableFunction; hidden: Hidden }>();
  for (const model of models) {
    const layer = layerOf(program, setup, model, shape);
    const keep = model.mode.trained !== 'nothing';
    const own = model.mode.lora && dropout ? batch : { ...batch, dropoutKey: null };
    passes.set(model, { layer, hidden: forward(model, layer, own, keep) });
  }

  const rowsOf = (model: ModelVariables): Value =>
    gather(passes.get(model)!.hidden.states, batch.targetRows);
  const loss = lossOverChunks(program, setup, strong, weak, {
    labels: batch.labels,
    weights: more.weights,
    lambda: more.lambda,
    strongRows: rowsOf(strong),
    weakRows: weak ? rowsOf(weak) : null,
    how,
  });
  const effects = [...loss.effects];
  for (const model of [strong, ...(weak ? [weak] : [])]) {
    const rowGradient = loss.rowGradients.get(model);
    if (!rowGradient) continue;
    const { layer, hidden } = passes.get(model)!;
    const padded = pad(rowGradient, [0, 0], [1, 0]);
    const back = backward(layer, hidden.tape, gather(padded, more.rowOfPosition), how);
    const embedding = addEmbeddingGradient(model, back.rows, tokens, how, loss.effects);
    effects.push(...back.effects, ...(embedding ? [embedding] : []));
  }
  const whole = setup.strong.trained === 'all' || weak?.mode.trained === 'all';
  const inputs = { ...batchInputs(batch), ...more, ...(whole && tokens) };
  program.entry(`${how}:${shapeName(shape)}`, inputs, { metrics: loss.metrics }, effects);
}

interface LossInputs {
  labels: Value;
  weights: Value;
  lambda: Value;
  strongRows: Value;
  weakRows: Value | null;
  how: GradientWrite;
}

function lossOverChunks(
  program: Program,
  setup: TrainingSetup,
  strong: ModelVariables,
  weak: ModelVariables | null,
  inputs: LossInputs,
): { metrics: Value; rowGradients: Map<ModelVariables, Value>; effects: Node[] } {
  const { vocabularySize: vocabulary, hiddenSize: hidden } = strong.config;
  const models = weak ? [strong, weak] : [strong];
  const metrics: Value[] = [];
  const gradients = new Map<ModelVariables, Value[]>();
  const effects: Node[] = [];
  let previous: Node[] = [];
  const rowCount = inputs.labels.shape[0]!;
  for (const { begin, end } of chunks(rowCount, vocabulary, setup.chunkBytes)) {
    const shape: HeadShape = {
      chunk: end - begin,
      hidden,
      vocabulary,
      epsilon: strong.config.rmsNormEpsilon,
      weights: strong.mode.weights,
      compute: setup.compute,
    };
    const how = previous.length > 0 ? 'add' : inputs.how;
    const heads = {
      strong: headModel(strong),
      weak: weak && headModel(weak),
      teaches: setup.objective === 'undial',
      sharedHead: weak?.head === strong.head,
    };
    const callee = defineMixedLoss(program.library, shape, heads, how);
    const part = (value: Value): Value => sliceAxis(value, 0, begin, end);
    const args = [part(inputs.labels), part(inputs.weights), inputs.lambda];
    for (const model of models) {
      const rows = model === strong ? inputs.strongRows : inputs.weakRows!;
      args.push(part(rows), ...headHandles(model));
    }
    const call = callFunction(program.main, callee, args, { after: previous });
    previous = [call];
    effects.push(call);
    metrics.push(call.outputs[0]!);
    models
      .filter((model) => headModel(model).wantsRows)
      .forEach((model, index) => {
        gradients.set(model, [...(gradients.get(model) ?? []), call.outputs[1 + index]!]);
      });
  }
  const rowGradients = new Map([...gradients].map(([model, parts]) => [model, concat(parts, 0)]));
  return { metrics: concat(metrics, 0), rowGradients, effects };
}

function headModel(model: ModelVariables): HeadModel {
  return {
    trained: model.mode.trained === 'all',
    wantsRows: model.mode.trained !== 'nothing',
    rows: 'states',
  };
}

function headHandles(model: ModelVariables): Value[] {
  const parts = [model.finalNorm, model.head];
  return [
    ...parts.map((part) => part.variable.handle),
    ...parts.flatMap((part) => (part.training ? [part.training.gradient.handle] : [])),
  ];
}

function addOptimizer(
  program: Program,
  optimizer: OptimizerConfig,
  models: readonly ModelVariables[],
): void {
  const scalars = updateScalars.map((name) => [name, program.placeholder('f32', [])] as const);
  const updates: Node[] = [];
  const norms: Record<string, Value> = {};
  for (const model of models) {
    const squares: Value[] = [];
    for (const { name, variable, training } of trainedParameters(model)) {
      const { gradient, firstMoment, secondMoment } = training!;
      const square = defineSumOfSquares(program.library, gradient);
      const call = callFunction(program.main, square, [gradient.handle]);
      squares.push(reshape(call.outputs[0]!, [1]));
      const update = defineAdamW(program.library, variable, optimizer, isDecayed(name));
      const handles = [variable, gradient, firstMoment, secondMoment].map((v) => v.handle);
      const args = [...handles, ...scalars.map(([, value]) => value)];
      const updated = callFunction(program.main, update, args);
      updates.push(updated, releaseVariable(gradient.handle, [updated]));
    }
    if (squares.length > 0) norms[model.prefix] = concat(squares, 0);
  }
  program.entry('norms', {}, norms);
  program.entry('apply', Object.fromEntries(scalars), {}, updates);
}
