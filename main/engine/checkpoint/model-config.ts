/**
 * `config.json` of a dense Qwen3 model, in both layouts that transformers writes: `rope_theta` and
 * `torch_dtype` (4.x), or `rope_parameters` and `dtype` (5.x). Absent fields mean what
 * `transformers.Qwen3Config` says they mean. Whatever the engine does not compute (experts, sliding
 * windows, scaled RoPE, biases, quantised weights) is refused here with the reason, so that no model
 * is ever run as something it is not. `auto_map` code is never loaded.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile } from './read-json-file.ts';

export interface Qwen3Config {
  vocabularySize: number;
  hiddenSize: number;
  intermediateSize: number;
  layers: number;
  /** Query heads. */
  heads: number;
  /** Key and value heads; divides `heads`. */
  keyValueHeads: number;
  /** Size of one head; not necessarily hiddenSize / heads. */
  headDim: number;
  rmsNormEpsilon: number;
  ropeTheta: number;
  /** The output matrix is the embedding matrix; there is no `lm_head.weight`. */
  tieWordEmbeddings: boolean;
  maxPositions: number;
  /** Tokens that end a generation: generation_config.json's where it has them, as in transformers. */
  eosTokenIds: number[];
  /** What config.json declares; the tensors' own dtypes are what counts when reading them. */
  dtype: 'f32' | 'bf16' | 'f16';
  /** config.json as it was, for writing it out again beside trained weights. */
  raw: Record<string, unknown>;
}

type Json = Record<string, unknown>;

/** @throws file-missing, file-unreadable, model-invalid, model-unsupported */
export function readModelConfig(folder: string): Qwen3Config {
  const path = join(folder, 'config.json');
  const raw = asJsonObject(readJsonFile(path, 'model-invalid'));
  if (!raw) throw invalid(path, 'it does not hold a JSON object');
  refuseOtherArchitectures(path, raw);

  const config: Qwen3Config = {
    vocabularySize: size(path, raw, 'vocab_size', 2 ** 24),
    hiddenSize: size(path, raw, 'hidden_size', 2 ** 17),
    intermediateSize: size(path, raw, 'intermediate_size', 2 ** 20),
    layers: size(path, raw, 'num_hidden_layers', 1024),
    heads: size(path, raw, 'num_attention_heads', 4096),
    keyValueHeads: size(path, raw, 'num_key_value_heads', 4096, 'num_attention_heads'),
    headDim: isAbsent(raw['head_dim']) ? 128 : size(path, raw, 'head_dim', 4096),
    rmsNormEpsilon: positive(path, 'rms_norm_eps', raw['rms_norm_eps'] ?? 1e-6),
    ropeTheta: positive(path, 'rope_theta', ropeTheta(raw)),
    tieWordEmbeddings: raw['tie_word_embeddings'] === true,
    maxPositions: isAbsent(raw['max_position_embeddings'])
      ? 32_768
      : size(path, raw, 'max_position_embeddings', 2 ** 30),
    eosTokenIds: endTokens(folder, raw),
    dtype: declaredDtype(path, raw),
    raw,
  };
  if (config.heads % config.keyValueHeads !== 0) {
    throw invalid(
      path,
      `num_attention_heads ${config.heads} is not a multiple of num_key_value_heads ${config.keyValueHeads}`,
    );
  }
  if (config.headDim % 2 !== 0) throw invalid(path, `head_dim ${config.headDim} is odd`);
  refuseOtherAttention(path, raw, config.layers);
  return config;
}

function refuseOtherArchitectures(path: string, raw: Json): void {
  const type = raw['model_type'];
  if (type !== 'qwen3') {
    const reason =
      type === 'qwen3_moe'
        ? 'it is a mixture-of-experts model (qwen3_moe)'
        : `its model_type is ${JSON.stringify(type) ?? 'missing'}`;
    throw unsupported(path, reason);
  }
  const architectures = raw['architectures'];
  if (Array.isArray(architectures) && !architectures.includes('Qwen3ForCausalLM')) {
    throw unsupported(path, `its architecture is ${architectures.join(', ')}`);
  }
  if (raw['attention_bias'] === true) throw unsupported(path, 'it has attention_bias');
  const activation = raw['hidden_act'] ?? 'silu';
  if (activation !== 'silu') throw unsupported(path, `its hidden_act is ${String(activation)}`);
  if (!isAbsent(raw['quantization_config'])) {
    throw unsupported(path, 'its weights are quantised (quantization_config)');
  }
  for (const field of ['rope_scaling', 'rope_parameters']) {
    if (isAbsent(raw[field])) continue;
    const rope = asJsonObject(raw[field]);
    if (!rope) throw invalid(path, `${field} is not an object`);
    const kind = rope['rope_type'] ?? rope['type'] ?? 'default';
    if (kind !== 'default') throw unsupported(path, `it scales RoPE (${field}: ${String(kind)})`);
    if ((rope['partial_rotary_factor'] ?? 1) !== 1) {
      throw unsupported(path, 'it rotates only a part of each head (partial_rotary_factor)');
    }
  }
}

/** Sliding windows count only where a layer uses one: Qwen3's configs name a window and leave it off. */
function refuseOtherAttention(path: string, raw: Json, layers: number): void {
  const types = raw['layer_types'];
  if (Array.isArray(types)) {
    if (types.length !== layers) {
      throw invalid(path, `layer_types has ${types.length} entries for ${layers} layers`);
    }
    const other = types.find((type) => type !== 'full_attention');
    if (other !== undefined) throw unsupported(path, `it has layers of type ${String(other)}`);
    return;
  }
  const fullLayers = Number(raw['max_window_layers'] ?? 28);
  const usesWindow = raw['use_sliding_window'] === true && !isAbsent(raw['sliding_window']);
  if (usesWindow && fullLayers < layers)
    throw unsupported(path, 'it uses sliding-window attention');
}

function ropeTheta(raw: Json): unknown {
  const parameters = asJsonObject(raw['rope_parameters']);
  return parameters?.['rope_theta'] ?? raw['rope_theta'] ?? 10_000;
}

function endTokens(folder: string, raw: Json): number[] {
  const generationPath = join(folder, 'generation_config.json');
  const generation = existsSync(generationPath)
    ? asJsonObject(readJsonFile(generationPath, 'model-invalid'))
    : null;
  const value = generation?.['eos_token_id'] ?? raw['eos_token_id'] ?? [];
  const ids: unknown[] = Array.isArray(value) ? value : [value];
  return ids.map((id) => {
    if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0) return id;
    throw invalid(join(folder, 'config.json'), `eos_token_id ${JSON.stringify(id)} is no token id`);
  });
}

function declaredDtype(path: string, raw: Json): Qwen3Config['dtype'] {
  const name = raw['dtype'] ?? raw['torch_dtype'] ?? 'float32';
  if (name === 'float32') return 'f32';
  if (name === 'bfloat16') return 'bf16';
  if (name === 'float16') return 'f16';
  throw unsupported(path, `its dtype is ${String(name)}; float32, bfloat16 and float16 are known`);
}

/** transformers writes null where it means that a field is not there. */
function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** A positive whole number up to `limit`; `fallback` names the field whose value counts if absent. */
function size(path: string, raw: Json, field: string, limit: number, fallback?: string): number {
  const value = raw[field] ?? (fallback === undefined ? undefined : raw[fallback]);
  if (isAbsent(value)) throw invalid(path, `${field} is missing`);
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= limit) {
    return value;
  }
  throw invalid(
    path,
    `${field} is ${JSON.stringify(value)}, not a whole number from 1 to ${limit}`,
  );
}

function positive(path: string, field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw invalid(path, `${field} is ${JSON.stringify(value)}, not a positive number`);
}

function invalid(path: string, reason: string): StudioError {
  return new StudioError(
    'model-invalid',
    `${path} cannot be used: ${reason}.`,
    'Point to a complete Hugging Face folder of a dense Qwen3 model.',
  );
}

function unsupported(path: string, reason: string): StudioError {
  return new StudioError(
    'model-unsupported',
    `${path} describes a model that cannot be trained here: ${reason}.`,
    'Dense Qwen3 models with full attention and unscaled RoPE are supported, Qwen3-4B for instance.',
  );
}
