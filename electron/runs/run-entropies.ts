/** The entropies a run has measured, as columns in the row order of the first measurement. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { EntropyColumns, EntropyLine } from '../../main/contract/artifacts.ts';
import { StudioError } from '../../main/contract/errors.ts';
import { alignEntropies } from '../../main/engine/curriculum/check-entropies.ts';
import { readEntropyFile } from '../../main/engine/curriculum/entropy-file.ts';

/** The last one read: a slider asks many times in a row for the same run. */
let last: { key: string; columns: EntropyColumns } | null = null;

export function entropyFile(runFolder: string, round: 0 | 1 | 'middle'): string {
  return join(runFolder, 'stages', `entropy-${round}`, 'entropy.jsonl');
}

/** @throws StudioError('run-invalid') before both were measured; `entropy-invalid` for bad rows. */
export function readEntropies(runFolder: string): EntropyColumns {
  const files = [entropyFile(runFolder, 0), entropyFile(runFolder, 1)];
  if (!files.every(existsSync)) {
    throw new StudioError(
      'run-invalid',
      'This run has not measured both entropies yet.',
      'They are there once the stage “entropy of m1” is done.',
    );
  }
  const middle = entropyFile(runFolder, 'middle');
  if (existsSync(middle)) files.push(middle);
  const key = files.map((file) => `${file}:${statSync(file).mtimeMs}`).join('|');
  if (last?.key === key) return last.columns;
  const { ids, entropies } = alignEntropies(files.map(readEntropyFile));
  const [entropy0 = new Float64Array(), entropy1 = new Float64Array(), entropyMiddle] = entropies;
  const tokens = Float64Array.from(readLines(files[0] ?? ''), (line) => line.tokens);
  const columns: EntropyColumns = { ids, entropy0, entropy1, tokens };
  if (entropyMiddle !== undefined) columns.entropyMiddle = entropyMiddle;
  last = { key, columns };
  return columns;
}

function readLines(file: string): EntropyLine[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as EntropyLine);
}
