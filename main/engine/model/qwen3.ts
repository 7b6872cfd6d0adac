/**
 * The whole network in the main graph: embedding rows, then one call of the shared layer function
 * per layer; and the way back. The final norm and the head belong to the loss (loss/), which sees
 * answer rows only.
 *
 * B rows, T length, H hidden size. Hidden states are [B*T, H] f32 throughout.
 */
import { callFunction } from '../graph/library.ts';
import { island } from '../graph/island.ts';
import { gather, scatterAdd, segmentSum } from '../graph/ops/gather.ts';
import { constant } from '../graph/ops/constant.ts';
import { add, cast } from '../graph/ops/elementwise.ts';
import { reshape } from '../graph/ops/shape.ts';
import { assignVariable, readVariable, type GradientWrite } from '../graph/ops/variable.ts';
import type { DifferentiableFunction } from '../graph/differentiate.ts';
import { scopeOf, type Node, type Value } from '../graph/scope.ts';
import { addEmbeddingNoise, type EmbeddingNoise } from './embedding-noise.ts';
import { ropeTables } from './rope.ts';
import { layerHandles, type ModelVariables } from './variables.ts';

/** Placeholders of one batch, all i32. */
export interface TokenInputs {
  /** [B, T] */
  ids: Value;
  /** [B, T], from 0 in each document. */
  positions: Value;
  /** [B, T], 0 for padding, 1.. for the documents packed in a row. */
  documents: Value;
  /** i32 [2], new in every micro-batch; null without dropout. */
  dropoutKey: Value | null;
  /** NEFTune; null without. */
  noise: EmbeddingNoise | null;
}

export interface Tape {
  /** What each layer's backward call is given beside the gradient: arguments and saved values. */
  layers: readonly { arguments: readonly Value[]; saved: readonly Value[] }[];
}

export interface Hidden {
  /** Output of the last layer, before the final norm. [B*T, H] f32 */
  states: Value;
  tape: Tape;
}

/** `keep`: the backward pass will be run. */
export function forward(
  model: ModelVariables,
  layer: DifferentiableFunction,
  inputs: TokenInputs,
  keep: boolean,
): Hidden {
  const main = scopeOf(inputs.ids);
  const { variable } = model.embedding;
  const flatIds = reshape(inputs.ids, [-1]);
  // Not ResourceGather: it makes every later read of the table (the tied head's) a copy.
  let states = cast(gather(readVariable(variable.handle, variable), flatIds), 'f32');
  if (inputs.noise) states = addEmbeddingNoise(states, inputs.noise);
  const tables = ropeTables(inputs.positions, model.config.headDim, model.config.ropeTheta);
  const context = [tables.cosine, tables.sine, inputs.documents];
  const layers: Tape['layers'][number][] = [];
  model.layers.forEach((parameters, index) => {
    const key = inputs.dropoutKey ? [layerKey(inputs.dropoutKey, index)] : [];
    const args = [states, ...context, ...key, ...layerHandles(parameters)];
    const callee = keep ? layer.forwardSaving : layer.forward;
    const call = callFunction(main, callee, args);
    layers.push({ arguments: args, saved: call.outputs.slice(1) });
    states = call.outputs[0]!;
  });
  return { states, tape: { layers } };
}

function layerKey(key: Value, layer: number): Value {
  return add(key, constant(scopeOf(key), 'i32', [2], [layer * 1009, 0]));
}

/**
 * Runs the layers' backward calls from the last to the first; each writes the gradients of its own
 * weights to their variables. Returns the gradient of the embedding rows [B*T, H] and the effects.
 */
export function backward(
  layer: DifferentiableFunction,
  tape: Tape,
  gradient: Value,
  how: GradientWrite,
): { rows: Value; effects: Node[] } {
  let rows = gradient;
  const callee = layer.backward(how);
  const effects: Node[] = [];
  for (const { arguments: args, saved } of [...tape.layers].reverse()) {
    const call = callFunction(scopeOf(rows), callee, [...args, ...saved, rows]);
    effects.push(call);
    rows = call.outputs[0]!;
  }
  return { rows, effects };
}

/**
 * Adds the embedding rows' gradients to the embedding's gradient variable, where a tied head has left
 * its own (`after`). The sum over equal tokens is made first, in a fixed order, so that the scatter
 * meets each row once: `uniqueIds` [U] distinct token ids, `uniqueIndex` [B*T] the place of each
 * token's id among them.
 */
export function addEmbeddingGradient(
  model: ModelVariables,
  rows: Value,
  { uniqueIds, uniqueIndex }: { uniqueIds: Value; uniqueIndex: Value },
  how: GradientWrite,
  after: readonly Node[],
): Node | null {
  const { training } = model.embedding;
  if (!training) return null;
  const { gradient } = training;
  const [sums] = island('embedding_gradient', [rows, uniqueIndex], ([gradients, index]) => [
    segmentSum(gradients!, index!, uniqueIds.shape[0]!),
  ]);
  if (how === 'set' && model.head !== model.embedding) {
    // Not scattered into zeros: a table of them would be kept as a constant of the graph.
    return assignVariable(gradient.handle, segmentSum(sums!, uniqueIds, gradient.shape[0]!));
  }
  const table = readVariable(gradient.handle, gradient, [...after, sums!.node]);
  return assignVariable(gradient.handle, scatterAdd(table, uniqueIds, sums!));
}
