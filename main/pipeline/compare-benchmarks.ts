/**
 * What `wds eval` and the Evaluate page have found out about the compared models. A result counts for
 * a model when it is of its folder and none of the model's files has changed since it was begun.
 */
import { realpathSync, statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparedAnswer, ComparedBenchmark, ComparedItem } from '../contract/comparison.ts';
import type { EvaluationLine } from '../contract/evaluation.ts';
import type { BenchmarkResult } from '../engine/compare/benchmark-results.ts';
import { benchmarkResults, isRight, shareOf } from '../engine/compare/benchmark-results.ts';
import { mostItems } from '../engine/compare/compared-answers.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import { sourceOf } from '../engine/compare/compared-model.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import type { SummaryOnDisk } from './evaluation/finished-evaluations.ts';
import { finishedEvaluations, readGenerations } from './evaluation/finished-evaluations.ts';
import { hashJson } from './hash.ts';

/** Scores and paired differences; items are read by `benchmarkItems`. */
export function compareBenchmarks(
  found: readonly FoundModel[],
  evaluationsFolder: string,
  missing: string[],
): ComparedBenchmark[] {
  const evaluations = finishedEvaluations(evaluationsFolder);
  if (evaluations.length === 0) return [];
  const results = found.map((one): BenchmarkResult[] => {
    if (one.model.folder === null) return [];
    const source = sourceOf(one);
    const own = evaluations.filter(({ summary }) => isOf(summary.model, source));
    const [current, outdated] = split(own, ({ folder }) => begunAfter(folder, source));
    for (const { summary } of outdated) {
      missing.push(
        `${summary.task.title}: the model in ${one.model.folder} has changed since it was evaluated; evaluate it again.`,
      );
    }
    return current.map(({ folder, summary }) => ({ key: keyOf(summary), folder, summary }));
  });
  return benchmarkResults(results);
}

function keyOf({ data, task, settings }: SummaryOnDisk['summary']): string {
  return hashJson({ data: data.sha256, task: task.sha256, settings });
}

function isOf(model: { path: string; adapter: string | null }, source: ModelSource): boolean {
  const isSame = (one: string | null, other: string | null): boolean =>
    one === other || (one !== null && other !== null && realPath(one) === realPath(other));
  return isSame(model.path, source.base) && isSame(model.adapter, source.adapter);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function begunAfter(evaluation: string, { base, adapter }: ModelSource): boolean {
  const begun = statSync(join(evaluation, 'evaluation.json')).mtimeMs;
  const folders = adapter === null ? [base] : [base, adapter];
  return folders.every((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.safetensors'))
      .every((name) => statSync(join(folder, name)).mtimeMs <= begun),
  );
}

function split<T>(list: readonly T[], belongs: (value: T) => boolean): [T[], T[]] {
  return [list.filter(belongs), list.filter((value) => !belongs(value))];
}

/** The items of one benchmark with every evaluated model's answers; the first 2,000 of them. */
export async function benchmarkItems(
  benchmark: ComparedBenchmark,
): Promise<Pick<ComparedBenchmark, 'items' | 'itemsLeftOut'>> {
  const models = await Promise.all(
    benchmark.scores.map(async (score) =>
      score === null ? null : byItem(await readGenerations(score.folder)),
    ),
  );
  const first = models.find((model) => model !== null);
  if (!first) return { items: [], itemsLeftOut: 0 };
  const items = [...first].map(([item, lines]): ComparedItem => {
    const { id, question, expected } = lines[0]!;
    const answers = models.map((model) => answerOf(model?.get(item) ?? null));
    return { id, prompt: question, expected, answers };
  });
  return { items: items.slice(0, mostItems), itemsLeftOut: Math.max(0, items.length - mostItems) };
}

function byItem(lines: readonly EvaluationLine[]): Map<number, EvaluationLine[]> {
  const items = new Map<number, EvaluationLine[]>();
  for (const line of lines) {
    const own = items.get(line.item);
    if (own === undefined) items.set(line.item, [line]);
    else own.push(line);
  }
  return items;
}

/** Of several samples all texts, and how many of them are right. */
function answerOf(lines: readonly EvaluationLine[] | null): ComparedAnswer | null {
  if (lines === null) return null;
  const share = shareOf({ verdicts: lines.map(({ verdict }) => verdict ?? 'no-answer') });
  const [line] = lines;
  if (lines.length === 1) {
    const answer = line!.detail ?? line!.answer ?? '';
    return { text: line!.text, answer, correct: isRight(share) };
  }
  return {
    text: lines.map(({ text, sample }) => `[sample ${sample + 1}]\n${text}`).join('\n\n'),
    answer: `${Math.round(share * lines.length)} of ${lines.length} right`,
    correct: isRight(share),
  };
}
