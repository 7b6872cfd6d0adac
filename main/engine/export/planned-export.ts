/**
 * An export that is planned: the source is open and checked, the target free, the disk has room. And
 * what the formats share: which tensors, what they are called in numbers, small files, room.
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExportedModel, ModelFormat } from '../../contract/model-export.ts';
import { requireDiskSpace } from '../checkpoint/disk-space.ts';
import { asWriteError, writeFileDurably } from '../checkpoint/durable-file.ts';
import type { Steps } from '../checkpoint/steps.ts';
import { elementCount } from '../graph/dtype.ts';
import type { ModelSource } from '../train/model-source.ts';
import type { WeightType } from './encode-weights.ts';

export interface ModelExport {
  source: ModelSource;
  format: ModelFormat;
  /** Absent: as stored; for GGUF as the embedding is. */
  type?: WeightType;
  /** A new or empty folder; for GGUF also a new file ending in .gguf. */
  out: string;
  name: string;
  license: string | null;
  /** The published base, e.g. Qwen/Qwen3-4B. */
  baseId: string | null;
  /** README.md of the model, from what is known once it is planned. */
  card: (facts: CardFacts) => string;
  /** Larger models are split; 5 GB (not GiB), as transformers does it, when absent. */
  maxShardBytes?: number;
}

export interface CardFacts {
  dtype: ExportedModel['dtype'];
  parameters: number;
  /** The file to load, for GGUF. */
  ggufFile: string | null;
}

export interface PlannedExport extends CardFacts {
  /** Of the tensors' data: what the steps' bytes sum up to, but for small files. */
  totalBytes: number;
  /** Called once. */
  write(): Steps<{ path: string; files: { name: string; bytes: number }[] }>;
  close(): void;
}

/** Go along in every format where the base has them: a derived model stays under them. */
export const licenseFiles = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'NOTICE'];

export const dtypes = { F32: 'f32', F16: 'f16', BF16: 'bf16', Q8_0: 'q8_0' } as const;

export function factsOf(
  tensors: readonly { dtype: string; shape: readonly number[] }[],
): CardFacts {
  const types = [...new Set(tensors.map(({ dtype }) => dtype))];
  return {
    dtype: types.length === 1 ? dtypes[types[0] as WeightType] : 'mixed',
    parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    ggufFile: null,
  };
}

/** @throws disk-full, file-unwritable */
export function requireRoom({ out }: ModelExport, bytes: number): void {
  const parent = dirname(out);
  try {
    mkdirSync(parent, { recursive: true });
  } catch (error) {
    throw asWriteError(parent, error);
  }
  requireDiskSpace(parent, bytes, 'The exported model');
}

export function writeText(path: string, text: string): void {
  writeFileDurably(path, [new TextEncoder().encode(text)]);
}

export function listFiles(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
}
