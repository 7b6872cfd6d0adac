/**
 * One Qwen3 decoder layer without gradients, as generation takes it: whole prompts [B, T], which fill the
 * cache (prefill), or one token a row, which extends it by one slot (decode-step.ts).
 * The same mathematics as layer.ts with fewer compiled pieces: a step of a small model is bound by
 * the number of calls, so the three head islands are one, and the residual sum after the
 * feed-forward half is left to the next layer's first norm: a layer passes (states, update) on.
 */
import type { LoraConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { island } from '../graph/island.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import { add, cast, multiply, sigmoid } from '../graph/ops/elementwise.ts';
import { reshape, transpose } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import { Scope, type Node, type OutputSpec, type Value } from '../graph/scope.ts';
import { attention } from './attention.ts';
import { decodeLinear } from './decode-linear.ts';
import { fillCache } from './kv-cache.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotate } from './rope.ts';
import type { LinearName, NormName, Slot } from './slots.ts';

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

/** As it is: also inside a function that is compiled as a whole. */
export const inPlace: Chain = (_, inputs, body) => body([...inputs]);

export function stepChain(library: Library): Chain {
  return library.placement.functions === 'xla' ? island : inPlace;
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
  return defineDecodeLayer(library, part, model, shape, [documents], ([own], caches) => {
    return ({ queries, keys, values }) => ({
      mixed: attention(queries, keys, values, own!),
      writes: [
        fillCache(caches.keys, keys, shape.capacity),
        fillCache(caches.values, values, shape.capacity),
      ],
    });
  });
}

/** `extra`: inputs of `attending` beside the caches, after the tables. */
export function defineDecodeLayer(
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
  const apply = (name: LinearName, x: Value): Value => decodeLinear(x, name, weights, lora);
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
