/**
 * One Qwen3 decoder layer as a pair of functions (forward, backward) that all layers share:
 *   h = x + o_proj(attention(q, k, v)),  y = h + down_proj(silu(gate_proj(n)) * up_proj(n))
 * with RMS norms before both halves and over each query and key head. The residual stream is f32;
 * matrix products run in the compute type; everything between them in f32 inside islands.
 */
import type { LoraConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { defineDifferentiable, type DifferentiableFunction } from '../graph/differentiate.ts';
import { island } from '../graph/island.ts';
import type { Library } from '../graph/library.ts';
import { add, cast, multiply, sigmoid } from '../graph/ops/elementwise.ts';
import { reshape, transpose } from '../graph/ops/shape.ts';
import { readVariable } from '../graph/ops/variable.ts';
import type { OutputSpec, Value } from '../graph/scope.ts';
import { attention } from './attention.ts';
import { linear, type LinearWeights } from './linear.ts';
import { rmsNorm } from './rms-norm.ts';
import { rotate } from './rope.ts';
import { hasAdapter, type LinearName, type NormName, type Slot } from './slots.ts';

export interface LayerShape {
  rows: number;
  length: number;
  compute: 'f32' | 'bf16';
  recompute: 'all' | 'cheap';
}

/** The values that every layer takes beside its input: see `layerInputs` for their shapes. */
export interface LayerContext {
  cosine: Value;
  sine: Value;
  documents: Value;
  /** i32 [2], the key of this layer's dropout in this step; only with LoRA dropout. */
  dropoutKey: Value | null;
}

/** Specs of a layer function's arguments: x [B*T, H], context, slots, gradients of trained slots. */
export function layerInputs(
  config: Qwen3Config,
  slots: readonly Slot[],
  { rows, length }: LayerShape,
  dropout: boolean,
): OutputSpec[] {
  const half = config.headDim / 2;
  const resource: OutputSpec = { dtype: 'resource', shape: [] };
  return [
    { dtype: 'f32', shape: [rows * length, config.hiddenSize] },
    { dtype: 'f32', shape: [rows, length, half] },
    { dtype: 'f32', shape: [rows, length, half] },
    { dtype: 'i32', shape: [rows, length] },
    ...(dropout ? [{ dtype: 'i32', shape: [2] } as const] : []),
    ...slots.map(() => resource),
    ...slots.filter((slot) => slot.trained).map(() => resource),
  ];
}

export function defineLayer(
  library: Library,
  config: Qwen3Config,
  slots: readonly Slot[],
  shape: LayerShape,
  lora: LoraConfig | null,
): DifferentiableFunction {
  const dropout = (lora?.dropout ?? 0) > 0;
  const specs = layerInputs(config, slots, shape, dropout);
  return defineDifferentiable(
    library,
    'layer',
    specs,
    (inputs) => {
      const context: LayerContext = {
        cosine: inputs[1]!,
        sine: inputs[2]!,
        documents: inputs[3]!,
        dropoutKey: dropout ? inputs[4]! : null,
      };
      const resources = inputs.slice(dropout ? 5 : 4);
      const reads = new Map(
        slots.map((slot, index) => [slot.name, readVariable(resources[index]!, slot)]),
      );
      const output = layer(inputs[0]!, context, reads, config, shape, lora);
      const trained = slots.filter((slot) => slot.trained);
      return {
        outputs: [output],
        wanted: [inputs[0]!],
        weights: trained.map((slot, index) => ({
          read: reads.get(slot.name)!,
          gradient: resources[slots.length + index]!,
          dtype: slot.gradient,
        })),
      };
    },
    { recompute: shape.recompute },
  );
}

function layer(
  x: Value,
  context: LayerContext,
  weights: ReadonlyMap<string, Value>,
  config: Qwen3Config,
  { rows, length, compute }: LayerShape,
  lora: LoraConfig | null,
): Value {
  const { keyValueHeads, headDim, rmsNormEpsilon: epsilon } = config;
  const group = config.heads / keyValueHeads;
  const norm = (name: NormName): Value => weights.get(`${name}.weight`)!;
  const apply = (name: LinearName, input: Value): Value =>
    linear(input, linearWeights(name, weights, lora), context.dropoutKey, name);

  const [normed] = island('norm', [x, norm('input_layernorm')], ([value, weight]) => [
    cast(rmsNorm(value!, weight!, epsilon), compute),
  ]);
  const tables = [context.cosine, context.sine];
  const [queries] = island(
    'queries',
    [apply('self_attn.q_proj', normed!), norm('self_attn.q_norm'), ...tables],
    ([value, weight, cosine, sine]) => {
      const heads = reshape(cast(value!, 'f32'), [rows, length, keyValueHeads, group, headDim]);
      const turned = rotate(rmsNorm(heads, weight!, epsilon), { cosine: cosine!, sine: sine! });
      return [cast(transpose(multiply(turned, headDim ** -0.5), [0, 2, 3, 1, 4]), compute)];
    },
  );
  const [keys] = island(
    'keys',
    [apply('self_attn.k_proj', normed!), norm('self_attn.k_norm'), ...tables],
    ([value, weight, cosine, sine]) => {
      const heads = reshape(cast(value!, 'f32'), [rows, length, keyValueHeads, headDim]);
      const turned = rotate(rmsNorm(heads, weight!, epsilon), { cosine: cosine!, sine: sine! });
      return [cast(transpose(turned, [0, 2, 1, 3]), compute)];
    },
  );
  const [values] = island('values', [apply('self_attn.v_proj', normed!)], ([value]) => [
    transpose(reshape(value!, [rows, length, keyValueHeads, headDim]), [0, 2, 1, 3]),
  ]);
  const mixed = attention(queries!, keys!, values!, context.documents);
  const [middle, normedMiddle] = island(
    'residual_norm',
    [x, apply('self_attn.o_proj', mixed), norm('post_attention_layernorm')],
    ([value, update, weight]) => {
      const sum = add(value!, cast(update!, 'f32'));
      return [sum, cast(rmsNorm(sum, weight!, epsilon), compute)];
    },
  );
  const [gated] = island(
    'swiglu',
    [apply('mlp.gate_proj', normedMiddle!), apply('mlp.up_proj', normedMiddle!)],
    ([gate, up]) => {
      const wide = cast(gate!, 'f32');
      return [cast(multiply(multiply(wide, sigmoid(wide)), cast(up!, 'f32')), compute)];
    },
  );
  const [output] = island(
    'residual',
    [middle!, apply('mlp.down_proj', gated!)],
    ([value, update]) => [add(value!, cast(update!, 'f32'))],
  );
  return output!;
}

function linearWeights(
  name: LinearName,
  weights: ReadonlyMap<string, Value>,
  lora: LoraConfig | null,
): LinearWeights {
  const weight = weights.get(`${name}.weight`)!;
  if (!lora || !hasAdapter(lora, name)) return { weight, adapter: null };
  return {
    weight,
    adapter: {
      a: weights.get(`${name}.lora_A`)!,
      b: weights.get(`${name}.lora_B`)!,
      scale: lora.alpha / lora.rank,
      dropout: lora.dropout,
    },
  };
}
