/**
 * Forward-only entries: `measure:<shape>` gives each answer token's metrics (entropy pass, held-out
 * loss), `logits:<shape>` whole rows of logits, `hidden:<shape>` the states after the final norm.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { callFunction, type GraphFunction, type Placement } from '../graph/library.ts';
import { gather } from '../graph/ops/gather.ts';
import { concat, sliceAxis } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Program } from '../graph/program.ts';
import type { Value } from '../graph/scope.ts';
import { defineLogits, defineMeasure } from '../loss/measure.ts';
import { finalNorm, type HeadShape } from '../loss/head.ts';
import { defineLayer } from '../model/layer.ts';
import { forward } from '../model/qwen3.ts';
import type { TrainingMode } from '../model/slots.ts';
import { declareModel, type ModelVariables } from '../model/variables.ts';
import {
  batchInputs,
  batchPlaceholders,
  noRandomness,
  chunks,
  shapeName,
  type BatchPlaceholders,
  type BatchShape,
} from './batch-shape.ts';

export interface MeasureSetup {
  config: Qwen3Config;
  mode: TrainingMode;
  compute: 'f32' | 'bf16';
  placement: Placement;
  measureShapes: readonly BatchShape[];
  logitsShapes: readonly BatchShape[];
}

export function buildMeasureProgram(setup: MeasureSetup): {
  program: Program;
  model: ModelVariables;
} {
  const program = new Program(setup.placement);
  const model = declareModel(program, 'model', setup.config, setup.mode);
  for (const shape of setup.measureShapes) addMeasureEntry(program, model, shape, setup.compute);
  for (const shape of setup.logitsShapes) addLogitsEntry(program, model, shape, setup.compute);
  return { program, model };
}

export function addMeasureEntry(
  program: Program,
  model: ModelVariables,
  shape: BatchShape,
  compute: 'f32' | 'bf16',
): void {
  const batch = batchPlaceholders(program, shape, noRandomness);
  const states = statesInHalves(program, model, batch, shape, compute);
  const metrics = overChunks(program, model, batch, states, compute, defineMeasure);
  program.entry(`measure:${shapeName(shape)}`, batchInputs(batch), { metrics });
}

export function addLogitsEntry(
  program: Program,
  model: ModelVariables,
  shape: BatchShape,
  compute: 'f32' | 'bf16',
): void {
  const batch = batchPlaceholders(program, shape, noRandomness);
  const states = bodyStates(program, model, batch, shape, compute);
  const logits = overChunks(program, model, batch, states, compute, defineLogits);
  const { variable } = model.finalNorm;
  const norm = readVariable(variable.handle, variable);
  const epsilon = model.config.rmsNormEpsilon;
  const hidden = finalNorm(states, norm, { epsilon, compute: 'f32' });
  const inputs = batchInputs(batch);
  program.entry(`logits:${shapeName(shape)}`, inputs, { logits });
  program.entry(`hidden:${shapeName(shape)}`, inputs, { hidden });
}

/**
 * The same as `bodyStates`, of two halves of the rows that do not wait for one another: islands use one
 * core, and beside one half's island the other half's products use the rest.
 */
function statesInHalves(
  program: Program,
  model: ModelVariables,
  batch: BatchPlaceholders,
  shape: BatchShape,
  compute: 'f32' | 'bf16',
): Value {
  const { rows } = shape;
  if (rows % 2 === 1 || program.library.placement.functions === 'xla') {
    return bodyStates(program, model, batch, shape, compute);
  }
  const halves = [0, 1].map((half) => {
    const part = (value: Value): Value =>
      sliceAxis(value, 0, (half * rows) / 2, ((half + 1) * rows) / 2);
    const { ids, positions, documents } = batch;
    const own = { ids: part(ids), positions: part(positions), documents: part(documents) };
    const halfShape = { ...shape, rows: rows / 2 };
    return bodyStates(program, model, { ...batch, ...own }, halfShape, compute);
  });
  return concat(halves, 0);
}

/** Output of the last layer, without dropout. [B*T, H] f32 */
export function bodyStates(
  program: Program,
  model: ModelVariables,
  batch: BatchPlaceholders,
  { rows, length }: BatchShape,
  compute: 'f32' | 'bf16',
): Value {
  const shape = { rows, length, compute, recompute: 'all' } as const;
  // Nothing is dropped when measuring, so the layer is defined without dropout.
  const lora = model.mode.lora && { ...model.mode.lora, dropout: 0 };
  const layer = defineLayer(program.library, model.config, model.slots, shape, lora);
  return forward(model, layer, batch, false).states;
}

function overChunks(
  program: Program,
  model: ModelVariables,
  batch: BatchPlaceholders,
  states: Value,
  compute: 'f32' | 'bf16',
  define: (library: Program['library'], shape: HeadShape) => GraphFunction,
): Value {
  const { vocabularySize: vocabulary, hiddenSize: hidden, rmsNormEpsilon } = model.config;
  const rows = gather(states, batch.targetRows);
  const weights = model.mode.weights;
  const parts: Value[] = [];
  for (const { begin, end } of chunks(batch.labels.shape[0]!, vocabulary)) {
    const shape = {
      chunk: end - begin,
      hidden,
      vocabulary,
      epsilon: rmsNormEpsilon,
      weights,
      compute,
    };
    const callee = define(program.library, shape);
    const args = [
      sliceAxis(rows, 0, begin, end),
      sliceAxis(batch.labels, 0, begin, end),
      model.finalNorm.variable.handle,
      model.head.variable.handle,
    ];
    const after = parts.map((part) => part.node);
    parts.push(callFunction(program.main, callee, args, { after }).outputs[0]!);
  }
  return concat(parts, 0);
}
