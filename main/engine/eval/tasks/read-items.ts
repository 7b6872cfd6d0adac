/**
 * The items of a benchmark's data file: JSONL, a JSON array, CSV, parquet (read-rows.ts), and a JSON
 * object that holds the array under `data`, `rows`, `examples` or `test`. A row that cannot be read
 * is an error: leaving it out would make the score one of another benchmark.
 */
import { readFileSync, statSync } from 'node:fs';
import { StudioError } from '../../../contract/errors.ts';
import { detectFormat } from '../../data/row-format.ts';
import { readRows } from '../../data/read-rows.ts';
import type { Row } from './row-fields.ts';
import type { BenchmarkTask, TaskItem } from './task.ts';

const LARGEST_DOCUMENT = 64 * 2 ** 20;

/** @throws file-missing, file-unreadable, data-invalid, data-empty */
export async function readItems(
  task: BenchmarkTask,
  path: string,
  limit?: number,
): Promise<TaskItem[]> {
  const items: TaskItem[] = [];
  for await (const { value, place } of rowsOf(path)) {
    if (items.length === limit) break;
    items.push(task.readItem(value, place, items.length));
  }
  if (items.length > 0) return items;
  throw new StudioError('data-empty', `${path} holds no items.`, 'Choose another file.');
}

async function* rowsOf(path: string): AsyncGenerator<{ value: Row; place: string }> {
  const wrapped = wrappedRows(path);
  if (!wrapped) {
    yield* readRows(path);
    return;
  }
  for (const [index, value] of wrapped.entries()) {
    const place = `${path} row ${index + 1}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new StudioError('data-invalid', `${place} is no object.`, 'Correct that row.');
    }
    yield { value: value as Row, place };
  }
}

/** Null for everything but one JSON object around a list. */
function wrappedRows(path: string): unknown[] | null {
  const format = detectFormat(path, 'auto');
  const isDocument = /\.json$/i.test(path) && format.compression === 'none';
  if (!isDocument || format.kind === 'json' || statSync(path).size > LARGEST_DOCUMENT) return null;
  try {
    const document = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')) as Row;
    const name = ['data', 'rows', 'examples', 'test'].find((key) => Array.isArray(document[key]));
    return name === undefined ? null : (document[name] as unknown[]);
  } catch {
    return null;
  }
}
