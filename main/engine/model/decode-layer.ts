/**
 * One Qwen3 decoder layer without gradients, in the two forms that generation takes: prefill (whole
 * prompts [B, T], fills the cache) and step (one token a row, extends the cache by one slot).
 * The same mathematics as layer.ts with fewer compiled pieces: a step of a small model is bound by
 * the number of calls, so the three head islands are one, and the residual sum after the
 * feed-forward half is left to the next layer's first norm: a layer passes (states, update) on.
 *
 * On a CPU a step takes one of two forms (main/docs/2026-11-25-decode.md):
 * - one row: the whole layer is one XLA function, without the write of the cache, whose slot XLA would
 *   want as a constant. What the layer adds to the cache comes out of it and is written beside it, in
 *   the main graph: a function around both would be a third of such a call's cost. The layer's own
 *   position is attended to apart.
 * - more rows: plain operations. XLA's products of a few rows are slow, and element-wise chains take
 *   as long either way.
 */
import type { LoraConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { island } from '../graph/island.ts';
import { argument, callFunction, type GraphFunction, type Library } from '../graph/library.ts';
import { add, cast, divide, exp, multiply, sigmoid, subtract } from '../graph/ops/elementwise.ts';
import { batchMatmul, matmul } from '../graph/ops/matmul.ts';
import { maximumOver } from '../graph/ops/reduce.ts';
import { concat, reshape, sum, transpose } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Scope, scopeOf, type Node, type OutputSpec, type Value } from '../graph/scope.ts';
import { attention } from './attention.ts';
import { fillCache, readCache, writeSlot } from './kv-cache.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotate } from './rope.ts';
import { hasAdapter, type LinearName, type NormName, type Slot } from './slots.ts';

export interface DecodeShape {
  rows: number;
  /** Tokens of each row in this call: T in prefill, 1 in a step. */
  length: number;
  capacity: number;
  compute: 'f32' | 'bf16';
}

export interface DecodeModel {
  config: Qwen3Config;
  slots: readonly Slot[];
  lora: LoraConfig | null;
}

/** Where a chain of element-wise operations is computed: inside an island, or as it is. */
export type Chain = (
  label: string,
  inputs: readonly Value[],
  body: (inputs: Value[]) => Value[],
) => Value[];

export function stepChain(library: Library): Chain {
  if (library.placement.functions === 'xla') return island;
  return (_, inputs, body) => body([...inputs]);
}

interface Heads {
  /** [B, K, G, T, D], scaled by 1/sqrt(D). */
  queries: Value;
  /** [B, K, T, D] */
  keys: Value;
  values: Value;
}

/** queries, keys, values -> mixed values [B*T, K*G*D], what was written, what is to be written. */
type Attend = (heads: Heads) => {
  mixed: Value;
  writes: readonly Node[];
  added?: readonly Value[];
};

const resource: OutputSpec = { dtype: 'resource', shape: [] };

/** states, update [B*T, H], cosine, sine [B, T, D/2], documents [B, T], 2 caches, slots -> states, update */
export function definePrefillLayer(
  library: Library,
  model: DecodeModel,
  shape: DecodeShape,
): GraphFunction {
  const documents: OutputSpec = { dtype: 'i32', shape: [shape.rows, shape.length] };
  const part = {
    label: 'prefill_layer',
    chain: island,
    xla: library.placement.functions === 'xla',
  };
  return defineLayer(library, part, model, shape, [documents], ([own], caches) => {
    return ({ queries, keys, values }) => ({
      mixed: attention(queries, keys, values, own!),
      writes: [
        fillCache(caches.keys, keys, shape.capacity),
        fillCache(caches.values, values, shape.capacity),
      ],
    });
  });
}

/** As above with, in place of documents: bias [B, C] f32, begin and end of the slot i32 [3]. */
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
  return defineLayer(library, part, model, shape, stepInputs(shape), (extra, caches) => {
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
  const body = defineLayer(library, part, model, shape, [biasSpec!], ([bias], caches) => {
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

/** Inside a compiled function. */
export const inPlace: Chain = (_, inputs, body) => body([...inputs]);

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

function defineLayer(
  library: Library,
  { label, chain, xla }: { label: string; chain: Chain; xla: boolean },
  model: DecodeModel,
  shape: DecodeShape,
  extra: readonly OutputSpec[],
  attending: (extra: Value[], caches: { keys: Value; values: Value }) => Attend,
): GraphFunction {
  const { rows, length, compute } = shape;
  const hidden = [rows * length, model.config.hiddenSize];
  const table: OutputSpec = { dtype: 'f32', shape: [rows, length, model.config.headDim / 2] };
  const scope = new Scope('function', library);
  const take = (spec: OutputSpec): Value => argument(scope, spec);
  const states = take({ dtype: 'f32', shape: hidden });
  const update = take({ dtype: compute, shape: hidden });
  const tables = { cosine: take(table), sine: take(table) };
  const extras = extra.map(take);
  const caches = { keys: take(resource), values: take(resource) };
  const handles = model.slots.map(() => take(resource));
  const weights = new Map(
    model.slots.map((slot, index) => [slot.name, readVariable(handles[index]!, slot)]),
  );
  const inputs = [
    states, update, tables.cosine, tables.sine, ...extras, caches.keys, caches.values, ...handles,
  ]; // prettier-ignore
  const attend = attending(extras, caches);
  const before = { states, update };
  const { outputs, writes } = layer(before, tables, weights, model, shape, chain, attend);
  return library.add(label, { inputs, outputs, effects: writes }, xla);
}

function layer(
  before: { states: Value; update: Value },
  { cosine, sine }: { cosine: Value; sine: Value },
  weights: ReadonlyMap<string, Value>,
  { config, lora }: DecodeModel,
  { rows, length, compute }: DecodeShape,
  chain: Chain,
  attend: Attend,
): { outputs: Value[]; writes: readonly Node[] } {
  const { keyValueHeads, headDim, rmsNormEpsilon: epsilon } = config;
  const group = config.heads / keyValueHeads;
  const norm = (name: NormName): Value => weights.get(`${name}.weight`)!;
  const apply = (name: LinearName, x: Value): Value => linear(x, name, weights, lora);
  const addAndNorm = (x: Value, update: Value, weight: Value): [Value, Value] =>
    residualNorm(chain, x, update, weight, { epsilon, compute });

  const [x, normed] = addAndNorm(before.states, before.update, norm('input_layernorm'));
  const projected = [
    apply('self_attn.q_proj', normed),
    apply('self_attn.k_proj', normed),
    apply('self_attn.v_proj', normed),
  ];
  const [queries, keys, values] = chain(
    'heads',
    [...projected, norm('self_attn.q_norm'), norm('self_attn.k_norm'), cosine, sine],
    ([q, k, v, queryNorm, keyNorm, c, s]) => {
      const turn = (value: Value, weight: Value, shape: number[]): Value => {
        const split = reshape(cast(value, 'f32'), [rows, length, ...shape, headDim]);
        return rotate(rmsNorm(split, weight, epsilon), { cosine: c!, sine: s! });
      };
      const turned = turn(q!, queryNorm!, [keyValueHeads, group]);
      const scaled = cast(multiply(turned, headDim ** -0.5), compute);
      const own = cast(turn(k!, keyNorm!, [keyValueHeads]), compute);
      const content = reshape(v!, [rows, length, keyValueHeads, headDim]);
      return [
        transpose(scaled, [0, 2, 3, 1, 4]),
        transpose(own, [0, 2, 1, 3]),
        transpose(content, [0, 2, 1, 3]),
      ];
    },
  );
  const { mixed, writes, added = [] } = attend({ queries: queries!, keys: keys!, values: values! });
  const attended = apply('self_attn.o_proj', mixed);
  const [middle, normedMiddle] = addAndNorm(x, attended, norm('post_attention_layernorm'));
  const [gated] = chain(
    'swiglu',
    [apply('mlp.gate_proj', normedMiddle), apply('mlp.up_proj', normedMiddle)],
    ([gate, up]) => {
      const wide = cast(gate!, 'f32');
      return [cast(multiply(multiply(wide, sigmoid(wide)), cast(up!, 'f32')), compute)];
    },
  );
  return { outputs: [middle, apply('mlp.down_proj', gated!), ...added], writes };
}

/** x, update [N, H] -> their sum, f32, and its norm in the compute type. One island for every use. */
export function residualNorm(
  chain: Chain,
  x: Value,
  update: Value,
  weight: Value,
  { epsilon, compute }: { epsilon: number; compute: 'f32' | 'bf16' },
): [Value, Value] {
  const [total, normed] = chain('residual_norm', [x, update, weight], ([a, b, w]) => {
    const whole = add(a!, cast(b!, 'f32'));
    return [whole, cast(rmsNorm(whole, w!, epsilon), compute)];
  });
  return [total!, normed!];
}

/** linear.ts without dropout; the adapter's scaling and sum stay plain, which costs no extra calls. */
function linear(
  x: Value,
  name: LinearName,
  weights: ReadonlyMap<string, Value>,
  lora: LoraConfig | null,
): Value {
  const compute = x.dtype as 'f32' | 'bf16';
  const product = (input: Value, slot: string): Value =>
    fewRowsProduct(input, cast(weights.get(`${name}.${slot}`)!, compute));
  const base = product(x, 'weight');
  if (!lora || !hasAdapter(lora, name)) return base;
  const low = multiply(product(x, 'lora_A'), lora.alpha / lora.rank);
  return add(base, product(low, 'lora_B'));
}

/**
 * x [N, in] W [out, in] -> x W^T [N, out]. On the CPU, products in f32 of 2 to 128 rows are made as
 * (W x^T)^T: oneDNN's kernels for a short first operand are four times slower (16 rows of 8192 x 512:
 * 3.8 ms instead of 0.7 ms).
 */
export function fewRowsProduct(x: Value, weight: Value): Value {
  const rows = x.shape[0]!;
  const isShort = rows > 1 && rows <= 128 && x.dtype === 'f32';
  if (!isShort || scopeOf(x).library.placement.functions === 'xla') {
    return matmul(x, weight, false, true);
  }
  return transpose(matmul(weight, x, false, true), [1, 0]);
}
