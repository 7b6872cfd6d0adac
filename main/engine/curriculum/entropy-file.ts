/**
 * Entropy files as `wds entropy` writes them: one line `{"id", "entropy", "tokens"}` per sample.
 * Python writes NaN and Infinity into JSON although JSON has neither; such a line is reported as the
 * bad number that it is.
 */
import { readFileSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';
import type { EntropyRow, EntropyTable } from './check-entropies.ts';

/** @throws file-missing, file-unreadable, entropy-invalid (with the line's number) */
export function readEntropyFile(path: string): EntropyTable {
  const rows: EntropyRow[] = [];
  readText(path)
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() !== '') rows.push(parseLine(line, `${path}, line ${index + 1}`));
    });
  return { name: path, rows };
}

function parseLine(line: string, where: string): EntropyRow {
  let row: { id?: unknown; entropy?: unknown } | null;
  try {
    row = JSON.parse(line);
  } catch {
    const bad = /"entropy"\s*:\s*(-?(?:NaN|Infinity))/.exec(line)?.[1];
    throw invalid(where, bad ? `the entropy is ${bad}` : 'this is not JSON');
  }
  const id = row?.id;
  const entropy = row?.entropy;
  if (typeof id !== 'string' && typeof id !== 'number') {
    throw invalid(where, 'there is no "id" (a text or a number)');
  }
  if (typeof entropy !== 'number') {
    throw invalid(where, `the entropy of ${JSON.stringify(id)} is ${JSON.stringify(entropy)}`);
  }
  return { id, entropy };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

function invalid(where: string, reason: string): StudioError {
  return new StudioError(
    'entropy-invalid',
    `${where}: ${reason}.`,
    'Each line has to be {"id": ..., "entropy": ...}, as `wds entropy` writes it.',
  );
}
