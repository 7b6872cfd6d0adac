/**
 * What the curriculum (WD-DS) did: from `weights.jsonl` and `sample.json`, with each term's part
 * computed again from the entropies by the very functions that made the weights. Under `brownboost` the
 * columns are base, half-way, SFT, so the entropy after SFT is always the last one.
 */
import { join } from 'node:path';
import type { CurriculumConfig } from '../../contract/config.ts';
import type { ReportedCurriculum, WeightedRow } from '../../contract/report.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import { curriculumWeights } from '../curriculum/curriculum-weights.ts';
import { termShares } from '../curriculum/effective-sample-size.ts';
import { entropyScatter } from './entropy-scatter.ts';
import type { FoundStage } from './run-files.ts';
import { isNumber, readJson, readJsonLines, sourceOf } from './run-files.ts';
import { weightHistogram } from './weight-histogram.ts';

const topRows = 12;

interface Columns {
  ids: (string | number)[];
  entropies: Float64Array[];
  weights: Float64Array;
}

export function summariseCurriculum(
  runFolder: string,
  stages: readonly FoundStage[],
  config: CurriculumConfig,
): ReportedCurriculum | null {
  const folder = join(runFolder, 'stages', 'curriculum');
  const columns = readColumns(readJsonLines(join(folder, 'weights.jsonl')) ?? []);
  if (columns === null) return null;
  const { ids, entropies, weights } = columns;
  const rows = ids.length;
  const drawn = countDraws(readJson(join(folder, 'sample.json')), rows);
  const terms = termsOf(entropies, config);
  const entropy0 = entropies[0]!;
  const entropy1 = entropies.at(-1)!;
  const row = (index: number): WeightedRow => ({
    id: ids[index]!,
    entropy0: entropy0[index]!,
    entropy1: entropy1[index]!,
    weight: weights[index]!,
    drawn: drawn[index]!,
    term: terms.dominant[index]!,
  });
  const all = Array.from(ids, (_, index) => row(index));
  // Ties keep the order of the file, so that the same run gives the same list.
  const heaviest = [...all].sort((a, b) => b.weight - a.weight);
  const tenth = heaviest.slice(0, Math.max(1, Math.round(rows / 10)));
  const distinct = drawn.filter((times) => times > 0).length;
  return {
    source: sourceOf(stages, 'curriculum', 'weights.jsonl'),
    scheme: config.scheme,
    coefficients: [config.alpha, config.beta, config.gamma],
    rows,
    drawn: sum(drawn),
    distinct,
    neverDrawn: rows - distinct,
    effectiveSampleSize: sum(weights) ** 2 / sum(weights.map((weight) => weight * weight)),
    heaviestTenth: sum(tenth.map(({ weight }) => weight)) / sum(weights),
    termShares: terms.shares,
    meanEntropy0: sum(entropy0) / rows,
    meanEntropy1: sum(entropy1) / rows,
    fell: all.filter((one) => one.entropy1 < one.entropy0).length,
    rose: all.filter((one) => one.entropy1 > one.entropy0).length,
    top: heaviest.slice(0, topRows),
    scatter: entropyScatter(all),
    histogram: weightHistogram(weights),
  };
}

/** Null when there is no row, or one that is no row of weights: then nothing here can be trusted. */
function readColumns(lines: readonly Record<string, unknown>[]): Columns | null {
  const names = ['entropy0', 'entropy1', 'entropy2'].filter(
    (name) => lines[0]?.[name] !== undefined,
  );
  const columns: Columns = {
    ids: [],
    entropies: names.map(() => new Float64Array(lines.length)),
    weights: new Float64Array(lines.length),
  };
  for (const [index, line] of lines.entries()) {
    const { id, weight } = line;
    if ((typeof id !== 'string' && typeof id !== 'number') || !isNumber(weight)) return null;
    columns.ids.push(id);
    columns.weights[index] = weight;
    for (const [column, name] of names.entries()) {
      const entropy = line[name];
      if (!isNumber(entropy)) return null;
      columns.entropies[column]![index] = entropy;
    }
  }
  return names.length < 2 ? null : columns;
}

function countDraws(sample: unknown, rows: number): Uint32Array {
  const drawn = new Uint32Array(rows);
  const indices = asJsonObject(sample)?.['indices'];
  for (const index of Array.isArray(indices) ? indices : []) {
    if (Number.isInteger(index) && index >= 0 && index < rows) drawn[index]!++;
  }
  return drawn;
}

function termsOf(
  entropies: readonly Float64Array[],
  config: CurriculumConfig,
): { shares: [number, number, number]; dominant: Uint8Array } {
  try {
    const { terms } = curriculumWeights(entropies, config);
    const [alpha, beta, gamma] = terms;
    const shares = termShares({ alpha, beta, gamma });
    const dominant = Uint8Array.from(alpha, (_, row) => {
      const most = Math.max(alpha[row]!, beta[row]!, gamma[row]!);
      return terms.findIndex((term) => term[row] === most);
    });
    return { shares: [shares.alpha, shares.beta, shares.gamma], dominant };
  } catch {
    // Entropies that the run itself would have refused; the rest of the summary still holds.
    return { shares: [0, 0, 0], dominant: new Uint8Array(entropies[0]?.length ?? 0) };
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
