/**
 * What a data file is: by its name, else by its first bytes. `json` is one array of rows; the others
 * are what their names say. `compression` is the file's own, parquet compresses inside.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { DataConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';

export interface RowFormat {
  kind: 'jsonl' | 'json' | 'csv' | 'parquet';
  compression: 'none' | 'gzip' | 'zstd';
  /** Size of the file as it lies on the disk. */
  bytes: number;
}

const COMPRESSIONS = { '.zst': 'zstd', '.zstd': 'zstd', '.gz': 'gzip' } as const;
const KINDS = {
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.json': 'json',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.parquet': 'parquet',
  '.pq': 'parquet',
} as const;

/** @throws file-missing, file-unreadable, data-empty, data-invalid */
export function detectFormat(path: string, format: DataConfig['format']): RowFormat {
  const bytes = sizeOf(path);
  if (bytes === 0) {
    throw new StudioError(
      'data-empty',
      `${path} is empty.`,
      'Choose a file with at least one row.',
    );
  }
  const head = readHead(path);
  let name = path.toLowerCase();
  const suffix = Object.keys(COMPRESSIONS).find((ending) => name.endsWith(ending));
  const compression = compressionOf(head);
  if (suffix !== undefined) name = name.slice(0, -suffix.length);
  const byName = Object.entries(KINDS).find(([ending]) => name.endsWith(ending))?.[1];
  const kind = format === 'auto' ? (kindByHead(head, byName) ?? byName) : kindByHead(head, format);
  if (kind !== undefined) return { kind, compression, bytes };
  throw new StudioError(
    'data-invalid',
    `${path} is of no format that can be told from its name or its beginning.`,
    'Use .jsonl, .json, .csv or .parquet (.jsonl and .csv also as .gz or .zst), or set data.format.',
  );
}

/** The bytes decide where they can: a .json that holds lines, a .jsonl that holds one array. */
function kindByHead(
  head: Buffer,
  expected: RowFormat['kind'] | undefined,
): RowFormat['kind'] | undefined {
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (expected === 'csv' || expected === 'parquet') return expected;
  if (compressionOf(head) !== 'none') return expected === 'json' ? 'json' : 'jsonl';
  const start = head
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (start.startsWith('[')) return 'json';
  if (start.startsWith('{')) return 'jsonl';
  return expected === 'json' ? 'jsonl' : expected;
}

function compressionOf(head: Buffer): RowFormat['compression'] {
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b ? 'gzip' : 'none';
}

function sizeOf(path: string): number {
  try {
    const stats = statSync(path);
    if (stats.isFile()) return stats.size;
  } catch (error) {
    throw unreadableFile(path, error);
  }
  throw new StudioError(
    'data-invalid',
    `${path} is not a file.`,
    'Name one data file: .jsonl, .json, .csv or .parquet.',
  );
}

function readHead(path: string): Buffer {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const head = Buffer.alloc(4096);
      return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}
