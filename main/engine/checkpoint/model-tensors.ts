/**
 * Which tensors a Qwen3 checkpoint has to hold: Hugging Face names and shapes, `[out, in]` for
 * matrices as torch's Linear stores them. Checked before anything is loaded, so that a wrong or
 * incomplete folder ends in one line naming the tensor and not in a numerical surprise.
 */
import { StudioError } from '../../contract/errors.ts';
import type { Qwen3Config } from './model-config.ts';

/** Weights that can be widened to f32 exactly. */
const FLOAT_DTYPES = new Set(['F32', 'BF16', 'F16']);

/** Name and shape of every weight, in the order of computation. */
export function expectedTensors(config: Qwen3Config): Map<string, number[]> {
  const { hiddenSize, intermediateSize, headDim } = config;
  const queries = config.heads * headDim;
  const keys = config.keyValueHeads * headDim;
  const tensors = new Map<string, number[]>();
  tensors.set('model.embed_tokens.weight', [config.vocabularySize, hiddenSize]);
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    tensors.set(`${prefix}.input_layernorm.weight`, [hiddenSize]);
    tensors.set(`${prefix}.self_attn.q_proj.weight`, [queries, hiddenSize]);
    tensors.set(`${prefix}.self_attn.k_proj.weight`, [keys, hiddenSize]);
    tensors.set(`${prefix}.self_attn.v_proj.weight`, [keys, hiddenSize]);
    tensors.set(`${prefix}.self_attn.q_norm.weight`, [headDim]);
    tensors.set(`${prefix}.self_attn.k_norm.weight`, [headDim]);
    tensors.set(`${prefix}.self_attn.o_proj.weight`, [hiddenSize, queries]);
    tensors.set(`${prefix}.post_attention_layernorm.weight`, [hiddenSize]);
    tensors.set(`${prefix}.mlp.gate_proj.weight`, [intermediateSize, hiddenSize]);
    tensors.set(`${prefix}.mlp.up_proj.weight`, [intermediateSize, hiddenSize]);
    tensors.set(`${prefix}.mlp.down_proj.weight`, [hiddenSize, intermediateSize]);
  }
  tensors.set('model.norm.weight', [hiddenSize]);
  if (!config.tieWordEmbeddings) {
    tensors.set('lm_head.weight', [config.vocabularySize, hiddenSize]);
  }
  return tensors;
}

/**
 * Compares what is there with what the config asks for.
 * Two kinds of surplus are ignored, as transformers does: `lm_head.weight` of a tied model (Qwen3-0.6B
 * ships one) and rotary frequencies saved by old versions.
 * @throws model-invalid (missing, surplus or misshapen tensor), model-unsupported (dtype)
 */
export function checkModelWeights(
  config: Qwen3Config,
  weights: {
    tensors: ReadonlyMap<string, { dtype: string; shape: readonly number[]; file: string }>;
  },
): void {
  const expected = expectedTensors(config);
  const missing = [...expected.keys()].filter((name) => !weights.tensors.has(name));
  if (missing.length > 0) {
    throw invalid(`${listed(missing)} missing from the weights; config.json asks for it`);
  }
  const surplus = [...weights.tensors.keys()].filter(
    (name) => !expected.has(name) && !isIgnored(name, config),
  );
  if (surplus.length > 0) {
    throw invalid(`${listed(surplus)} in the weights but not part of what config.json describes`);
  }
  for (const [name, shape] of expected) {
    const found = weights.tensors.get(name)!;
    if (found.shape.join() !== shape.join()) {
      throw invalid(
        `${name} in ${found.file} has shape [${found.shape.join(', ')}], expected [${shape.join(', ')}]`,
      );
    }
    if (!FLOAT_DTYPES.has(found.dtype)) {
      throw new StudioError(
        'model-unsupported',
        `${name} in ${found.file} is stored as ${found.dtype}; F32, BF16 and F16 can be read.`,
        'Use the unquantised weights of the model.',
      );
    }
  }
}

function isIgnored(name: string, config: Qwen3Config): boolean {
  if (name.endsWith('.rotary_emb.inv_freq')) return true;
  return config.tieWordEmbeddings && name === 'lm_head.weight';
}

function listed(names: string[]): string {
  const others = names.length - 1;
  if (others === 0) return `${names[0]} is`;
  return `${names[0]} and ${others} other tensor${others === 1 ? '' : 's'} are`;
}

function invalid(reason: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The weights do not fit config.json: ${reason}.`,
    'Check that config.json and the safetensors files come from the same model.',
  );
}
