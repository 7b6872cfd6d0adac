/**
 * A dense Qwen3 as GGUF: llama.cpp's names of tensors and hyperparameters. Norms stay in f32, as
 * llama.cpp expects them; a matrix whose rows Q8_0's blocks of 32 do not fill becomes F16. Tied models
 * have no `output.weight`: llama.cpp takes the embedding.
 */
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import type { MergedWeights } from '../model/merged-weights.ts';
import { encodeWeights, q8Block, type WeightType } from './encode-weights.ts';
import type { GgufTensor, GgufValue } from './gguf-file.ts';

export interface GgufDescription {
  name: string;
  type: WeightType;
  parameters: number;
  /** Of the base, e.g. apache-2.0. */
  license: string | null;
  /** The published base, e.g. Qwen/Qwen3-4B. */
  baseId: string | null;
  /** generation_config.json: how its authors want it sampled. */
  generation: Readonly<Record<string, unknown>>;
}

const fileTypes: Record<WeightType, number> = { F32: 0, F16: 1, Q8_0: 7, BF16: 32 };

const layerNames = new Map([
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.q_norm', 'attn_q_norm'],
  ['self_attn.k_norm', 'attn_k_norm'],
  ['self_attn.o_proj', 'attn_output'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
]);

const otherNames = new Map([
  ['model.embed_tokens.weight', 'token_embd.weight'],
  ['model.norm.weight', 'output_norm.weight'],
  ['lm_head.weight', 'output.weight'],
]);

/** E.g. model.layers.3.mlp.up_proj.weight -> blk.3.ffn_up.weight */
export function ggufName(name: string): string {
  const [, layer, part] = /^model\.layers\.(\d+)\.(.+)\.weight$/.exec(name) ?? [];
  const short = part === undefined ? otherNames.get(name) : layerNames.get(part);
  if (short === undefined) throw new RangeError(`${name} has no name in GGUF`);
  return part === undefined ? short : `blk.${layer}.${short}.weight`;
}

export function ggufTensors(weights: MergedWeights, type: WeightType): GgufTensor[] {
  return [...weights.tensors].map(([name, { shape }]) => {
    const stored = tensorType(shape, type);
    return {
      name: ggufName(name),
      type: stored,
      shape,
      *chunks() {
        const { dtype, pieces } = weights.read(name);
        yield* encodeWeights(pieces, dtype, stored, name);
      },
    };
  });
}

function tensorType(shape: readonly number[], type: WeightType): WeightType {
  if (shape.length === 1) return 'F32';
  return type === 'Q8_0' && shape.at(-1)! % q8Block.elements !== 0 ? 'F16' : type;
}

/** `general.*` and `qwen3.*`. */
export function ggufHyperparameters(
  config: Qwen3Config,
  description: GgufDescription,
): Map<string, GgufValue> {
  const u32 = (value: number): GgufValue => ({ type: 'u32', value });
  const f32 = (value: number): GgufValue => ({ type: 'f32', value });
  const text = (value: string): GgufValue => ({ type: 'string', value });
  const { license, baseId, generation } = description;
  return new Map<string, GgufValue>([
    ['general.architecture', text('qwen3')],
    ['general.type', text('model')],
    ...sampling(generation),
    ['general.name', text(description.name)],
    ['general.size_label', text(sizeLabel(description.parameters))],
    ...(license === null ? [] : [['general.license', text(license)] as const]),
    ...(baseId === null ? [] : baseModel(baseId)),
    ['general.tags', { type: 'strings', value: ['text-generation'] }],
    ['general.quantization_version', u32(2)],
    ['general.file_type', u32(fileTypes[description.type])],
    ['qwen3.block_count', u32(config.layers)],
    ['qwen3.context_length', u32(config.maxPositions)],
    ['qwen3.embedding_length', u32(config.hiddenSize)],
    ['qwen3.feed_forward_length', u32(config.intermediateSize)],
    ['qwen3.attention.head_count', u32(config.heads)],
    ['qwen3.attention.head_count_kv', u32(config.keyValueHeads)],
    ['qwen3.attention.key_length', u32(config.headDim)],
    ['qwen3.attention.value_length', u32(config.headDim)],
    ['qwen3.attention.layer_norm_rms_epsilon', f32(config.rmsNormEpsilon)],
    ['qwen3.rope.freq_base', f32(config.ropeTheta)],
    ['qwen3.vocab_size', u32(config.vocabularySize)],
  ]);
}

function sampling(generation: GgufDescription['generation']): [string, GgufValue][] {
  const fields = [
    ['top_k', 'top_k', 'i32'],
    ['top_p', 'top_p', 'f32'],
    ['min_p', 'min_p', 'f32'],
    ['temperature', 'temp', 'f32'],
    ['repetition_penalty', 'penalty_repeat', 'f32'],
  ] as const;
  return fields.flatMap(([field, name, type]): [string, GgufValue][] => {
    const value = generation[field];
    return typeof value === 'number' && Number.isFinite(value)
      ? [[`general.sampling.${name}`, { type, value }]]
      : [];
  });
}

function baseModel(id: string): [string, GgufValue][] {
  const [organization, name] = id.split('/');
  return [
    ['general.base_model.count', { type: 'u32', value: 1 }],
    ['general.base_model.0.name', { type: 'string', value: name ?? id }],
    ['general.base_model.0.organization', { type: 'string', value: organization! }],
  ];
}

/** E.g. "4.0B", "596M": two digits at least, as files are named. */
export function sizeLabel(parameters: number): string {
  const [unit, letter] =
    parameters > 1e9
      ? ([1e9, 'B'] as const)
      : parameters > 1e6
        ? ([1e6, 'M'] as const)
        : ([1e3, 'K'] as const);
  const scaled = parameters / unit;
  return `${scaled.toFixed(Math.round(scaled) < 10 ? 1 : 0)}${letter}`;
}
