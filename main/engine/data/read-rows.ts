/**
 * Rows of a data file, one object each, whatever the format: JSONL (plain and .gz read here, so that
 * a bad line is known by its number; .zst through DuckDB), JSON arrays, CSV, parquet. Objects come
 * from JSON.parse, in which a `__proto__` key is a field like any other; nothing merges them.
 */
import type { DataConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import { readCsvHeader } from './csv-header.ts';
import { readWithDuckdb } from './duckdb-rows.ts';
import type { RowFormat } from './row-format.ts';
import { detectFormat } from './row-format.ts';
import { MAX_LINE_BYTES, readLines } from './text-lines.ts';

export interface SourceRow {
  /** Number of the row in the file, from 0; rows that were left out count, empty lines do not. */
  row: number;
  /** Where a person finds it, e.g. "train.jsonl line 17" or "train.parquet row 3". */
  place: string;
  /** Of the line, or of the record where the format has no lines; from 1. */
  line: number;
  value: Record<string, unknown>;
  /** Part of the file that has been read, 0 to 1; absent where it is not known. */
  fraction?: number;
}

export interface InvalidRow {
  line: number;
  message: string;
}

export interface ReadOptions {
  format?: DataConfig['format'];
  /** Leave rows out that cannot be read, and report each; absent: the first one is an error. */
  onInvalid?: ((invalid: InvalidRow) => void) | undefined;
  /** Only so many rows from the beginning of the file. */
  limit?: number | undefined;
}

interface TextRecord {
  number: number;
  text: string | null;
  problem?: string;
  fraction?: number;
}

/** @throws file-missing, file-unreadable, data-empty (no bytes at all), data-invalid */
export async function* readRows(
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<SourceRow> {
  const format = detectFormat(path, options.format ?? 'auto');
  const unit = format.kind === 'jsonl' ? 'line' : 'row';
  let row = -1;
  for await (const record of readRecords(path, format, options)) {
    if (record.problem === undefined && (record.text === null || record.text.trim() === ''))
      continue;
    if (++row >= (options.limit ?? Infinity)) return;
    const place = `${path} ${unit} ${record.number}`;
    const { fraction } = record;
    const parsed = record.problem ?? parseRow(record.text ?? '');
    if (typeof parsed === 'object') {
      yield {
        row,
        place,
        line: record.number,
        value: parsed,
        ...(fraction === undefined ? {} : { fraction }),
      };
    } else if (options.onInvalid) {
      options.onInvalid({ line: record.number, message: parsed });
    } else {
      throw new StudioError(
        'data-invalid',
        `${place}: ${parsed}.`,
        'Correct that row, or set data.skipInvalid to leave such rows out.',
      );
    }
  }
}

async function* readRecords(
  path: string,
  format: RowFormat,
  options: ReadOptions,
): AsyncGenerator<TextRecord> {
  if (format.kind !== 'jsonl' || format.compression === 'zstd') {
    const table = format.kind === 'csv' ? await readCsvHeader(path, format) : null;
    const onRejected = format.kind === 'csv' ? options.onInvalid : undefined;
    yield* readWithDuckdb(path, format, table, onRejected);
    return;
  }
  let bytes = 0;
  const gzip = format.compression === 'gzip';
  for await (const line of readLines(path, gzip)) {
    bytes += line.bytes + 1;
    const progress = gzip ? {} : { fraction: Math.min(1, bytes / format.bytes) };
    if (line.problem === undefined) yield { number: line.number, text: line.text, ...progress };
    else yield { number: line.number, text: null, problem: line.problem, ...progress };
  }
}

/** The row's fields, or why it is none. */
function parseRow(text: string): Record<string, unknown> | string {
  if (text.length > MAX_LINE_BYTES) return `longer than ${MAX_LINE_BYTES / 2 ** 20} MiB`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not valid JSON (${error instanceof Error ? error.message : String(error)})`;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  const kind = Array.isArray(value) ? 'a list' : value === null ? 'null' : `a ${typeof value}`;
  return `${kind}, not an object with named fields`;
}
