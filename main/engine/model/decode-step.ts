/**
 * One layer of a generation step: one token a row, which extends the cache by one slot. On a CPU it takes
 * one of two forms (main/docs/2026-11-25-decode.md):
 * - one row: the whole layer is one XLA function, without the write of the cache, whose slot XLA would
 *   want as a constant. What the layer adds to the cache comes out of it and is written beside it, in
 *   the main graph: a function around both would be a third of such a call's cost. The layer's own
 *   position is attended to apart.
 * - more rows: plain operations. XLA's products of a few rows are slow, and element-wise chains take
 *   as long either way.
 */
import { callFunction, type GraphFunction, type Library } from '../graph/library.ts';
import { add, cast, divide, exp, subtract } from '../graph/ops/elementwise.ts';
import { batchMatmul } from '../graph/ops/matmul.ts';
import { maximumOver } from '../graph/ops/reduce.ts';
import { concat, reshape, sum } from '../graph/ops/shape.ts';
import { scopeOf, type Node, type OutputSpec, type Value } from '../graph/scope.ts';
import {
  defineDecodeLayer,
  inPlace,
  stepChain,
  type DecodeModel,
  type DecodeShape,
} from './decode-layer.ts';
import { readCache, writeSlot } from './kv-cache.ts';

/**
 * states, update [B, H], cosine, sine [B, 1, D/2], bias [B, C] f32, begin and end of the slot i32 [3],
 * 2 caches, slots -> states, update
 */
export function defineStepLayer(
  library: Library,
  model: DecodeModel,
  shape: DecodeShape,
): LayerCall {
  if (isCompiledStep(library, shape.rows)) return defineCompiledStep(library, model, shape);
  return calling(definePlainStep(library, model, shape));
}

/** Adds one layer to the graph of its inputs; `writes` of the cache are still to be waited for. */
export type LayerCall = (inputs: readonly Value[]) => {
  states: Value;
  update: Value;
  writes: readonly Node[];
};

/** The layer is a function, which has made its writes when it returns. */
export function calling(callee: GraphFunction): LayerCall {
  return (inputs) => {
    const [states, update] = callFunction(scopeOf(inputs[0]!), callee, inputs).outputs;
    return { states: states!, update: update!, writes: [] };
  };
}

/** Whether a step's bias has to hide the slot that the step itself writes. */
export function isCompiledStep({ placement }: Library, rows: number): boolean {
  return rows === 1 && placement.islands === 'xla';
}

function definePlainStep(library: Library, model: DecodeModel, shape: DecodeShape): GraphFunction {
  const { rows, capacity, compute } = shape;
  const { keyValueHeads, headDim, heads } = model.config;
  const products = rows * keyValueHeads;
  const chain = stepChain(library);
  const part = { label: 'step_layer', chain, xla: false };
  return defineDecodeLayer(library, part, model, shape, stepInputs(shape), (extra, caches) => {
    const [bias, begin, end] = extra as [Value, Value, Value];
    const cache = { dtype: compute, shape: [products, capacity, headDim] };
    const extend = (handle: Value, content: Value): [Value, Node] => {
      const row = reshape(content, [products, 1, headDim]);
      const write = writeSlot(handle, row, { begin, end });
      return [readCache(handle, cache, [write]), write];
    };
    return (own) => {
      const [keys, keyWrite] = extend(caches.keys, own.keys);
      const [values, valueWrite] = extend(caches.values, own.values);
      const queries = reshape(own.queries, [products, heads / keyValueHeads, headDim]);
      const scores = batchMatmul(queries, keys, false, true);
      const [probabilities] = chain('step_softmax', [scores, bias], ([s, b]) => [
        softmax(biased(s!, b!, rows, heads), scores.shape, compute),
      ]);
      const mixed = batchMatmul(probabilities!, values);
      return {
        mixed: reshape(mixed, [rows, heads * headDim]),
        writes: [keyWrite, valueWrite],
      };
    };
  });
}

/** A call of the compiled layer, which only reads the cache, and beside it the writes of what it gives. */
function defineCompiledStep(library: Library, model: DecodeModel, shape: DecodeShape): LayerCall {
  const { rows, capacity, compute } = shape;
  const { keyValueHeads, headDim, heads } = model.config;
  const products = rows * keyValueHeads;
  const added = [products, 1, headDim];
  const part = { label: 'step_layer_body', chain: inPlace, xla: true };
  const [biasSpec] = stepInputs(shape);
  const body = defineDecodeLayer(library, part, model, shape, [biasSpec!], ([bias], caches) => {
    const cache = { dtype: compute, shape: [products, capacity, headDim] };
    return (own) => {
      const keys = reshape(own.keys, added);
      const values = reshape(own.values, added);
      const queries = reshape(own.queries, [products, heads / keyValueHeads, headDim]);
      const before = batchMatmul(queries, readCache(caches.keys, cache), false, true);
      const itself = cast(batchMatmul(queries, keys, false, true), 'f32');
      const scores = concat([
        biased(before, bias!, rows, heads),
        reshape(itself, [rows, heads, 1]),
      ], 2); // prettier-ignore
      const all = softmax(scores, [products, heads / keyValueHeads, capacity + 1], compute);
      const mixed = batchMatmul(all, concat([readCache(caches.values, cache), values], 1));
      return { mixed: reshape(mixed, [rows, heads * headDim]), writes: [], added: [keys, values] };
    };
  });
  return ([states, update, cosine, sine, bias, begin, end, ...others]) => {
    const [keyCache, valueCache] = others;
    const inputs = [states!, update!, cosine!, sine!, bias!, ...others];
    const after = callFunction(scopeOf(states!), body, inputs).outputs;
    const bounds = { begin: begin!, end: end! };
    const writes = [
      writeSlot(keyCache!, after[2]!, bounds),
      writeSlot(valueCache!, after[3]!, bounds),
    ];
    return { states: after[0]!, update: after[1]!, writes };
  };
}

function stepInputs({ rows, capacity }: DecodeShape): OutputSpec[] {
  return [
    { dtype: 'f32', shape: [rows, capacity] },
    { dtype: 'i32', shape: [3] },
    { dtype: 'i32', shape: [3] },
  ];
}

/** scores [B*K, G, C] in the compute type, bias [B, C] -> their sum [B, K*G, C] f32 */
function biased(scores: Value, bias: Value, rows: number, heads: number): Value {
  const capacity = bias.shape[1]!;
  const wide = reshape(cast(scores, 'f32'), [rows, heads, capacity]);
  return add(wide, reshape(bias, [rows, 1, capacity]));
}

/** Over the last axis of scores [B, K*G, N] f32, as `shape`. */
function softmax(scores: Value, shape: readonly number[], compute: 'f32' | 'bf16'): Value {
  const weights = exp(subtract(scores, maximumOver(scores, 2, true)));
  return reshape(cast(divide(weights, sum(weights, [2], true)), compute), shape);
}
