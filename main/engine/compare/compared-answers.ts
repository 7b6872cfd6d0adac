/**
 * The items that all models answered, side by side, and each model against the first: accuracy
 * difference with Newcombe's interval and McNemar's exact test. Items are the same when id, prompt and
 * expected answer are; a model whose items are others is left out of the pairing.
 */
import type { ComparedEvaluation, ComparedItem, ComparedScore } from '../../contract/comparison.ts';
import type { PairedComparison } from '../../contract/report.ts';
import { pairedComparison } from '../eval/paired-comparison.ts';
import { wilsonInterval } from '../eval/wilson-interval.ts';

export interface AnsweredLine {
  id: string | number;
  prompt: string;
  expected: string;
  text: string;
  answer: string;
  correct: boolean;
  entropy?: number;
}

/** One model's evaluation; `loss` and `entropy` are means over answer tokens. */
export interface EvaluatedModel {
  label: string;
  loss: number;
  entropy?: number;
  items: readonly AnsweredLine[];
}

/** More are counted, not listed. */
export const mostItems = 2000;

export function compareAnswers(
  models: readonly (EvaluatedModel | null)[],
): Pick<ComparedEvaluation, 'scores' | 'paired' | 'items' | 'itemsLeftOut'> {
  const tables = models.map((model) =>
    model === null ? null : new Map(model.items.map((item) => [keyOf(item), item])),
  );
  const common = commonItems(tables);
  const [first] = models;
  return {
    scores: models.map((model) => (model === null ? null : scoreOf(model))),
    paired: models.map((model, index) =>
      index === 0 || model === null || !first
        ? null
        : paired(first, model, tables[0]!, tables[index]!),
    ),
    items: common.slice(0, mostItems),
    itemsLeftOut: Math.max(0, common.length - mostItems),
  };
}

function keyOf({ id, prompt, expected }: AnsweredLine): string {
  return JSON.stringify([id, prompt, expected]);
}

function scoreOf({ items, loss, entropy }: EvaluatedModel): ComparedScore {
  const correct = items.filter((item) => item.correct).length;
  const { low, high } = wilsonInterval(correct, items.length);
  return {
    items: items.length,
    loss,
    ...(entropy !== undefined && { entropy }),
    ...(items.length > 0 && {
      correct,
      accuracy: correct / items.length,
      accuracyLow: low,
      accuracyHigh: high,
    }),
  };
}

/** Null answers (a model that was not evaluated) make the list empty: it has nothing to set beside. */
function commonItems(tables: readonly (Map<string, AnsweredLine> | null)[]): ComparedItem[] {
  const [first] = tables;
  if (!first) return [];
  return [...first].flatMap(([key, { id, prompt, expected }]) => {
    const answers = tables.flatMap((table) => {
      const item = table?.get(key);
      if (item === undefined) return [];
      const { text, answer, correct, entropy } = item;
      return [{ text, answer, correct, ...(entropy !== undefined && { entropy }) }];
    });
    return answers.length === tables.length ? [{ id, prompt, expected, answers }] : [];
  });
}

function paired(
  reference: EvaluatedModel,
  candidate: EvaluatedModel,
  first: ReadonlyMap<string, AnsweredLine>,
  second: ReadonlyMap<string, AnsweredLine>,
): PairedComparison | null {
  const pairs = [...second].flatMap(([key, item]) => {
    const before = first.get(key);
    return before === undefined ? [] : [{ before: before.correct, after: item.correct }];
  });
  if (pairs.length === 0) return null;
  return { candidate: candidate.label, reference: reference.label, ...pairedComparison(pairs) };
}
