/**
 * Writes a randomly initialised Qwen3 as a Hugging Face folder that transformers reads: config.json,
 * generation_config.json, model.safetensors (or shards with their index) and the tokenizer's files.
 * Matrices and embeddings are normal(0, initializer_range 0.02), norm weights 1, as in transformers'
 * Qwen3. Tensors are made slice by slice (random-weights.ts), so the model is never in memory.
 */
import { join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { copyCompanions, tokenizerFiles } from '../checkpoint/companion-files.ts';
import { syncFolder, writeFileDurably } from '../checkpoint/durable-file.ts';
import type { Qwen3Config } from '../checkpoint/model-config.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { expectedTensors } from '../checkpoint/model-tensors.ts';
import type { TensorSource } from '../checkpoint/safetensors-writer.ts';
import { writeShardedModel } from '../checkpoint/safetensors-writer.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { loadTokenizer } from '../tokenizer/tokenizer.ts';
import type { ModelShape } from './model-shapes.ts';
import { normalTable, onesTensor, randomTensor } from './random-weights.ts';
import { makeModelFolder } from './model-folder.ts';

export interface NewModel {
  shape: ModelShape;
  /** Folder with tokenizer.json and tokenizer_config.json. */
  tokenizer: string;
  /** Folder to make; it must not hold a model yet. */
  out: string;
  seed: number;
  dtype: 'f32' | 'bf16';
  /** Larger models are split; 5 GB (not GiB), as transformers does it, when absent. */
  maxShardBytes?: number;
  /** Called as each tensor begins. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

export interface CreatedModel {
  parameters: number;
  bytes: number;
  files: string[];
  vocabularySize: number;
}

const initializerRange = 0.02;

/** @throws tokenizer-invalid, vocabulary-mismatch, file-unwritable, disk-full, model-invalid */
export function createModel(model: NewModel): CreatedModel {
  const tokenizer = loadTokenizer(model.tokenizer);
  const vocabularySize =
    model.shape.vocabularySize ?? Math.ceil(tokenizer.vocabularySize / 64) * 64;
  if (vocabularySize < tokenizer.vocabularySize) {
    throw new StudioError(
      'vocabulary-mismatch',
      `The tokenizer in ${model.tokenizer} has ${tokenizer.vocabularySize} tokens, the model would have ${vocabularySize}.`,
      'Choose a larger vocabulary or the tokenizer that belongs to this shape.',
    );
  }
  makeModelFolder(model.out);
  writeJson(join(model.out, 'config.json'), configJson(model, vocabularySize, tokenizer));
  writeJson(join(model.out, 'generation_config.json'), {
    bos_token_id: tokenizer.padId,
    do_sample: false,
    eos_token_id: [...new Set([tokenizer.eosId, tokenizer.padId])],
    pad_token_id: tokenizer.padId,
  });
  copyCompanions(model.tokenizer, model.out, tokenizerFiles);
  // Read back as any user would: whatever is refused elsewhere is refused here, before the weights.
  const config = readModelConfig(model.out);
  const tensors = tensorSources(config, model);
  const bytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const written = writeShardedModel(model.out, reporting(tensors, bytes, model.onProgress), {
    maxShardBytes: model.maxShardBytes ?? 5e9,
  });
  syncFolder(model.out);
  const parameters = bytes / (model.dtype === 'f32' ? 4 : 2);
  return { parameters, bytes, files: [...written.keys()], vocabularySize };
}

/** The sizes that a config.json describes. */
export function shapeOfConfig(config: Qwen3Config): ModelShape {
  const { vocabularySize, hiddenSize, intermediateSize, layers, heads } = config;
  const { keyValueHeads, headDim, ropeTheta, tieWordEmbeddings, maxPositions } = config;
  return {
    vocabularySize,
    hiddenSize,
    intermediateSize,
    layers,
    heads,
    keyValueHeads,
    headDim,
    ropeTheta,
    tieWordEmbeddings,
    maxPositions,
  };
}

function configJson({ shape, dtype }: NewModel, vocabularySize: number, tokenizer: Tokenizer) {
  return {
    architectures: ['Qwen3ForCausalLM'],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: tokenizer.padId,
    eos_token_id: tokenizer.eosId,
    head_dim: shape.headDim,
    hidden_act: 'silu',
    hidden_size: shape.hiddenSize,
    initializer_range: initializerRange,
    intermediate_size: shape.intermediateSize,
    max_position_embeddings: shape.maxPositions,
    max_window_layers: shape.layers,
    model_type: 'qwen3',
    num_attention_heads: shape.heads,
    num_hidden_layers: shape.layers,
    num_key_value_heads: shape.keyValueHeads,
    pad_token_id: tokenizer.padId,
    rms_norm_eps: 1e-6,
    rope_scaling: null,
    rope_theta: shape.ropeTheta,
    sliding_window: null,
    tie_word_embeddings: shape.tieWordEmbeddings,
    torch_dtype: dtype === 'f32' ? 'float32' : 'bfloat16',
    use_cache: true,
    use_sliding_window: false,
    vocab_size: vocabularySize,
  };
}

function tensorSources(config: Qwen3Config, { seed, dtype }: NewModel): TensorSource[] {
  const fileDtype = dtype === 'f32' ? 'F32' : 'BF16';
  const table = normalTable(initializerRange, fileDtype);
  return [...expectedTensors(config)].map(([name, shape]) =>
    shape.length === 1
      ? onesTensor(name, shape, fileDtype)
      : randomTensor(name, shape, seed, table),
  );
}

function reporting(
  tensors: readonly TensorSource[],
  total: number,
  onProgress: NewModel['onProgress'] = () => {},
): TensorSource[] {
  let done = 0;
  return tensors.map((tensor) => ({
    ...tensor,
    *chunks() {
      for (const chunk of tensor.chunks()) {
        onProgress(done, total);
        yield chunk;
        done += chunk.length;
      }
    },
  }));
}

function writeJson(path: string, value: object): void {
  writeFileDurably(path, [new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)]);
}
