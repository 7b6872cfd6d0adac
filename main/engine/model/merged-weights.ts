/**
 * A model's weights as one reads them to write them elsewhere, with a LoRA adapter folded in where there
 * is one: W' = W + (alpha / rank) B A. One piece of one tensor is in memory at a time. Sums are made
 * in f64 and rounded to f32. Tensors that are stored but belong to no model (the head of a tied one)
 * are left out.
 */
import { readModelConfig, type Qwen3Config } from '../checkpoint/model-config.ts';
import { checkModelWeights, expectedTensors } from '../checkpoint/model-tensors.ts';
import { openModelWeights } from '../checkpoint/model-weights.ts';
import { openPeftAdapter, type PeftAdapter } from '../checkpoint/peft-adapter.ts';
import { convert } from './weights.ts';

export type StoredDtype = 'F32' | 'BF16' | 'F16';

export interface MergedWeights {
  config: Qwen3Config;
  /** In the order of computation; `dtype` is the type the base is stored in. */
  tensors: ReadonlyMap<string, { dtype: StoredDtype; shape: readonly number[] }>;
  /** The tensor's numbers: in the stored type where nothing is folded in, in f32 otherwise. */
  read(name: string): { dtype: StoredDtype; pieces: Iterable<Uint8Array> };
  close(): void;
}

/** A multiple of every element and of Q8_0's blocks. */
const readBytes = 16 * 1024 * 1024;

/** @throws file-missing, model-invalid, model-unsupported, weights-corrupt */
export function openMergedWeights(base: string, adapterFolder: string | null): MergedWeights {
  const config = readModelConfig(base);
  const weights = openModelWeights(base);
  let adapter: PeftAdapter | null = null;
  const close = (): void => {
    weights.close();
    adapter?.close();
  };
  try {
    checkModelWeights(config, weights);
    adapter = adapterFolder === null ? null : openPeftAdapter(adapterFolder, config);
  } catch (error) {
    close();
    throw error;
  }
  const tensors = new Map(
    [...expectedTensors(config)].map(([name, shape]) => {
      return [name, { dtype: weights.tensors.get(name)!.dtype as StoredDtype, shape }];
    }),
  );
  return {
    config,
    tensors,
    read(name) {
      const { dtype } = tensors.get(name)!;
      const pieces = weights.readSlices(name, readBytes);
      const linear = name.replace(/\.weight$/, '');
      return adapter?.tensors.has(`${linear}.lora_A`)
        ? { dtype: 'F32', pieces: mergedPieces(pieces, dtype, adapter, linear) }
        : { dtype, pieces };
    },
    close,
  };
}

/** W + s B A in f32, in pieces as W comes. */
function* mergedPieces(
  pieces: Iterable<Uint8Array>,
  from: StoredDtype,
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
    yield new Uint8Array(numbers.buffer);
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
