/**
 * Evaluations of the compared models, put together by what makes them comparable: the same items, the
 * same data file, the same settings. Within each such benchmark every model has its newest result, and
 * stands against the first model item by item.
 */
import type {
  BenchmarkDifference,
  ComparedBenchmark,
  ComparedBenchmarkScore,
} from '../../contract/comparison.ts';
import type { EvaluatedItem, EvaluationSummary } from '../../contract/evaluation.ts';
import { pairedBootstrap } from '../eval/paired-bootstrap.ts';
import { pairedComparison } from '../eval/paired-comparison.ts';

export interface BenchmarkResult {
  /** Hash over data, task and settings. */
  key: string;
  folder: string;
  summary: EvaluationSummary;
}

/** @param results of each model, newest first */
export function benchmarkResults(
  results: readonly (readonly BenchmarkResult[])[],
): ComparedBenchmark[] {
  const keys = [...new Set(results.flatMap((own) => own.map(({ key }) => key)))];
  const benchmarks = keys.map((key) =>
    benchmarkOf(
      key,
      results.map((own) => own.find((result) => result.key === key) ?? null),
    ),
  );
  const evaluated = ({ scores }: ComparedBenchmark): number =>
    scores.filter((score) => score !== null).length;
  return benchmarks.sort((a, b) => evaluated(b) - evaluated(a) || (a.title < b.title ? -1 : 1));
}

function benchmarkOf(key: string, results: readonly (BenchmarkResult | null)[]): ComparedBenchmark {
  const { summary } = results.find((result) => result !== null)!;
  const [first] = results;
  return {
    key,
    title: summary.task.title,
    kind: summary.task.kind,
    file: summary.data.file,
    sha256: summary.data.sha256,
    settings: summary.settings,
    scores: results.map((result) => result && scoreOf(result)),
    paired: results.map((result, index) =>
      index === 0 || !result || !first ? null : differenceOf(first.summary, result.summary),
    ),
    items: null,
    itemsLeftOut: 0,
  };
}

function scoreOf({ folder, summary }: BenchmarkResult): ComparedBenchmarkScore {
  const { items, samples, mean, passAt, cutOff, withoutAnswer, hash } = summary;
  return { items, samples, mean, passAt, cutOff, withoutAnswer, folder, hash };
}

function differenceOf(first: EvaluationSummary, second: EvaluationSummary): BenchmarkDifference {
  const pairs = second.verdicts.map((item, index): [number, number] => [
    shareOf(first.verdicts[index]!),
    shareOf(item),
  ]);
  if (first.samples === 1) return { test: 'mcnemar', ...pairedComparison(pairs.map(asRight)) };
  const count = (belongs: (before: number, after: number) => boolean): number =>
    pairs.filter(([before, after]) => belongs(before, after)).length;
  return {
    test: 'bootstrap',
    items: pairs.length,
    fixed: count((before, after) => after > before),
    broken: count((before, after) => after < before),
    bothCorrect: count((before, after) => before === after && isRight(after)),
    bothWrong: count((before, after) => before === after && !isRight(after)),
    ...pairedBootstrap(pairs.map(([before, after]) => after - before)),
  };
}

/** The share of an item's samples that are right. */
export function shareOf({ verdicts }: Pick<EvaluatedItem, 'verdicts'>): number {
  return verdicts.filter((verdict) => verdict === 'correct').length / verdicts.length;
}

/** Of several samples more than half. */
export function isRight(share: number): boolean {
  return share > 0.5;
}

function asRight([before, after]: [number, number]): { before: boolean; after: boolean } {
  return { before: isRight(before), after: isRight(after) };
}
