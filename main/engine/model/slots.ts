/**
 * The parameters of one Qwen3 decoder layer in a fixed order, with the names Hugging Face gives
 * them, so that loading is a look-up. A layer function takes their variables in this order; slots
 * of one kind have the same shape in every layer, which is why one function serves all layers.
 *
 * LoRA (Hu et al. 2021): W' = W + (alpha / rank) B A, with A [rank, in], B [out, rank]; only A and B
 * are trained.
 */
import type { LoraConfig } from '../../contract/config.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';

export const linearNames = [
  'self_attn.q_proj',
  'self_attn.k_proj',
  'self_attn.v_proj',
  'self_attn.o_proj',
  'mlp.gate_proj',
  'mlp.up_proj',
  'mlp.down_proj',
] as const;
export type LinearName = (typeof linearNames)[number];

export const normNames = [
  'input_layernorm',
  'self_attn.q_norm',
  'self_attn.k_norm',
  'post_attention_layernorm',
] as const;
export type NormName = (typeof normNames)[number];

export interface Slot {
  /** Within the layer, e.g. `self_attn.q_proj.weight` or `self_attn.q_proj.lora_A`. */
  name: string;
  shape: readonly number[];
  dtype: 'f32' | 'bf16';
  trained: boolean;
  /** Types of the variables of its gradient and of AdamW's moments. */
  gradient: 'f32' | 'bf16';
  moment: 'f32' | 'bf16';
}

export interface TrainedTypes {
  /**
   * Gradients of several micro-batches are added up, which takes f32. Otherwise a gradient keeps the type
   * of its weight, in which it is computed.
   */
  accumulates: boolean;
  /** Of matrices; norm weights and adapters, which are small, have f32. */
  moments: 'f32' | 'bf16';
}

export interface TrainingMode {
  /** What of the model is trained. */
  trained: 'all' | 'adapter' | 'nothing';
  /** How matrices are kept; norm weights and adapters are always f32. */
  weights: 'f32' | 'bf16';
  lora: LoraConfig | null;
}

/** [out, in] of every linear map of a layer. */
export function linearShapes(config: Qwen3Config): Record<LinearName, [number, number]> {
  const { hiddenSize: hidden, intermediateSize: intermediate, headDim } = config;
  const queries = config.heads * headDim;
  const keys = config.keyValueHeads * headDim;
  return {
    'self_attn.q_proj': [queries, hidden],
    'self_attn.k_proj': [keys, hidden],
    'self_attn.v_proj': [keys, hidden],
    'self_attn.o_proj': [hidden, queries],
    'mlp.gate_proj': [intermediate, hidden],
    'mlp.up_proj': [intermediate, hidden],
    'mlp.down_proj': [hidden, intermediate],
  };
}

export function hasAdapter(lora: LoraConfig | null, linear: LinearName): boolean {
  if (!lora) return false;
  const short = linear.split('.')[1] as Exclude<LoraConfig['targets'], 'all-linear'>[number];
  return lora.targets === 'all-linear' || lora.targets.includes(short);
}

export function layerSlots(config: Qwen3Config, mode: TrainingMode, types: TrainedTypes): Slot[] {
  const whole = mode.trained === 'all';
  const slots: Slot[] = normNames.map((name) => ({
    name: `${name}.weight`,
    shape: [name.startsWith('self_attn') ? config.headDim : config.hiddenSize],
    dtype: 'f32',
    trained: whole,
    gradient: 'f32',
    moment: 'f32',
  }));
  const shapes = linearShapes(config);
  for (const name of linearNames) {
    const [rows, columns] = shapes[name];
    const shape = [rows, columns];
    slots.push({
      name: `${name}.weight`,
      shape,
      dtype: mode.weights,
      trained: whole,
      gradient: types.accumulates ? 'f32' : mode.weights,
      moment: types.moments,
    });
    if (mode.lora && hasAdapter(mode.lora, name)) {
      const { rank } = mode.lora;
      const trained = mode.trained === 'adapter';
      const type = { dtype: 'f32', trained, gradient: 'f32', moment: 'f32' } as const;
      slots.push({ name: `${name}.lora_A`, shape: [rank, columns], ...type });
      slots.push({ name: `${name}.lora_B`, shape: [rows, rank], ...type });
    }
  }
  return slots;
}
