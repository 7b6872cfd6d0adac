/**
 * Folds a LoRA adapter into its base: W' = W + (alpha / rank) B A, written as a whole model folder
 * that needs no adapter any more. One tensor is in memory at a time. Sums are made in f64 and
 * rounded once, to the type the base is stored in (f16 becomes f32).
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireDiskSpace } from '../checkpoint/disk-space.ts';
import { syncFolder, writeFileDurably } from '../checkpoint/durable-file.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import { checkModelWeights, expectedTensors } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { openPeftAdapter, type PeftAdapter } from '../checkpoint/peft-adapter.ts';
import { writeShardedModel, type TensorSource } from '../checkpoint/safetensors-writer.ts';
import { elementCount } from '../graph/dtype.ts';
import type { LoadProgress } from './weights.ts';
import { convert } from './weights.ts';
import { makeModelFolder } from './model-folder.ts';

export interface AdapterMerge {
  modelDir: string;
  adapterDir: string;
  /** Folder to make; it must not hold a model yet. */
  out: string;
  /** Larger models are split; 5 GB (not GiB), as transformers does it, when absent. */
  maxShardBytes?: number;
  onProgress?: LoadProgress;
}

const copied = [
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
];
const readBytes = 16 * 1024 * 1024;

/** @throws model-invalid, model-unsupported, weights-corrupt, file-unwritable, disk-full */
export function mergeAdapter({
  modelDir,
  adapterDir,
  out,
  maxShardBytes = 5e9,
  onProgress = () => {},
}: AdapterMerge): { files: string[]; bytes: number } {
  const config = readModelConfig(modelDir);
  const weights = openModelWeights(modelDir);
  try {
    checkModelWeights(config, weights);
    const adapter = openPeftAdapter(adapterDir, config);
    try {
      const shapes = [...expectedTensors(config)];
      const stored = (name: string): string => weights.tensors.get(name)!.dtype;
      const kept = (name: string): 'F32' | 'BF16' => (stored(name) === 'BF16' ? 'BF16' : 'F32');
      let done = 0;
      const tensors: TensorSource[] = shapes.map(([name, shape]) => ({
        name,
        dtype: kept(name),
        shape,
        byteLength: elementCount(shape) * (kept(name) === 'F32' ? 4 : 2),
        *chunks() {
          const pieces = weights.readSlices(name, readBytes);
          const linear = name.replace(/\.weight$/, '');
          const to = kept(name) === 'F32' ? 'f32' : 'bf16';
          for (const chunk of adapter.tensors.has(`${linear}.lora_A`)
            ? mergedPieces(pieces, stored(name), to, adapter, linear)
            : convert(pieces, stored(name), to)) {
            yield chunk;
            done += chunk.length;
            onProgress(done, total);
          }
        },
      }));
      const total = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
      makeModelFolder(out);
      requireDiskSpace(out, total, 'The merged model');
      const files = [...writeShardedModel(out, tensors, { maxShardBytes }).keys()];
      files.push(
        ...copyDescription(
          modelDir,
          out,
          shapes.some(([name]) => stored(name) === 'F16'),
        ),
      );
      syncFolder(out);
      return { files, bytes: total };
    } finally {
      adapter.close();
    }
  } finally {
    weights.close();
  }
}

/** The bytes of W + s B A, in pieces as W comes. */
function* mergedPieces(
  pieces: Iterable<Uint8Array>,
  from: string,
  to: 'f32' | 'bf16',
  adapter: PeftAdapter,
  linear: string,
): Generator<Uint8Array> {
  const a = floats(adapter, `${linear}.lora_A`);
  const b = floats(adapter, `${linear}.lora_B`);
  const [rank, inputs] = adapter.tensors.get(`${linear}.lora_A`)!.shape as [number, number];
  const scale = adapter.config.alpha / adapter.config.rank;
  const row = new Float64Array(inputs);
  let position = 0;
  for (const piece of convert(pieces, from, 'f32')) {
    // Pieces are whole elements, not whole rows: a row's product is made when its first element comes.
    const numbers = new Float32Array(piece.slice().buffer);
    for (let i = 0; i < numbers.length; i++, position++) {
      const column = position % inputs;
      if (column === 0) productRow(row, a, b, (position / inputs) * rank, rank, scale);
      numbers[i] = numbers[i]! + row[column]!;
    }
    yield* convert([new Uint8Array(numbers.buffer)], 'F32', to);
  }
}

/** row = s * sum over r of b[offset + r] * a[r, :] */
function productRow(
  row: Float64Array,
  a: Float32Array,
  b: Float32Array,
  offset: number,
  rank: number,
  scale: number,
): void {
  row.fill(0);
  for (let r = 0; r < rank; r++) {
    const factor = scale * b[offset + r]!;
    const begin = r * row.length;
    for (let j = 0; j < row.length; j++) row[j]! += factor * a[begin + j]!;
  }
}

function floats(adapter: PeftAdapter, name: string): Float32Array {
  const pieces = [adapter.read(name)];
  const [wide] = convert(pieces, adapter.tensors.get(name)!.dtype, 'f32');
  return new Float32Array(wide!.buffer, wide!.byteOffset, wide!.byteLength / 4);
}

/** Everything beside the weights; config.json declares f32 where f16 was widened. */
function copyDescription(from: string, to: string, widened: boolean): string[] {
  const config = { ...readModelConfig(from).raw };
  for (const field of ['dtype', 'torch_dtype']) {
    if (widened && field in config) config[field] = 'float32';
  }
  const text = new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`);
  writeFileDurably(join(to, 'config.json'), [text]);
  const files = copied.filter((name) => existsSync(join(from, name)));
  for (const name of files) copyFileSync(join(from, name), join(to, name));
  return ['config.json', ...files];
}
