/** The entropy of every training row as a small histogram: of a run's base, and of its SFT model. */
import { existsSync, statSync } from 'node:fs';
import type { LineageNode } from '../../main/contract/inspection.ts';
import { readEntropyFile } from '../../main/engine/curriculum/entropy-file.ts';
import { entropyFile } from './run-entropies.ts';

export type EntropyHistogram = NonNullable<LineageNode['entropies']>;

const bins = 24;

interface Known {
  key: string;
  histograms: [EntropyHistogram | null, EntropyHistogram | null];
}
const known = new Map<string, Known>();

/** Both over the same edges, from 0 to what 99 % of the rows of the first one stay below. */
export function entropyHistograms(runFolder: string): Known['histograms'] {
  const files = [entropyFile(runFolder, 0), entropyFile(runFolder, 1)];
  const key = files.map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs).join(' ');
  const before = known.get(runFolder);
  if (before?.key === key) return before.histograms;
  const [first, second] = files.map((file) => (existsSync(file) ? read(file) : null));
  const sorted = [...(first ?? second ?? [])].sort((a, b) => a - b);
  const top = sorted[Math.floor(sorted.length * 0.99)] || 1;
  const histogram = (values: number[] | null | undefined): EntropyHistogram | null =>
    values ? countInto(values, top) : null;
  const histograms: Known['histograms'] = [histogram(first), histogram(second)];
  known.set(runFolder, { key, histograms });
  return histograms;
}

function read(file: string): number[] | null {
  try {
    return readEntropyFile(file).rows.map(({ entropy }) => entropy);
  } catch {
    // Being written, or damaged: the page of the run says so.
    return null;
  }
}

/** What lies above `top` counts into the last bin. */
export function countInto(values: readonly number[], top: number): EntropyHistogram {
  const counts = Array.from({ length: bins }, () => 0);
  let sum = 0;
  for (const value of values) {
    sum += value;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value / top) * bins)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { top, counts, mean: sum / values.length };
}
