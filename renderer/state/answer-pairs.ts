/** The same held-out items as two models answered them: what one fixed and what it broke. */
import type { AnsweredItem } from '../../main/contract/inspection.ts';
import { questionOf } from '../../main/contract/question-of.ts';

export const outcomes = ['fixed', 'broken', 'both wrong', 'both right'] as const;
export type Outcome = (typeof outcomes)[number];

export interface AnswerPair {
  id: string | number;
  question: string;
  expected: string;
  reference: AnsweredItem;
  candidate: AnsweredItem;
  outcome: Outcome;
}

/** Items that only one of them has answered are left out. In the order of the file. */
export function pairAnswers(
  items: readonly AnsweredItem[],
  reference: string,
  candidate: string,
): AnswerPair[] {
  const others = new Map(
    items.filter(({ model }) => model === reference).map((item) => [item.index, item]),
  );
  return items.flatMap((own) => {
    const other = own.model === candidate ? others.get(own.index) : undefined;
    if (other === undefined) return [];
    const { id, prompt, expected } = own;
    const outcome = outcomeOf(other.correct, own.correct);
    return [
      { id, question: questionOf(prompt), expected, reference: other, candidate: own, outcome },
    ];
  });
}

export function countOutcomes(pairs: readonly AnswerPair[]): Record<Outcome, number> {
  const counts = Object.fromEntries(outcomes.map((name) => [name, 0])) as Record<Outcome, number>;
  for (const { outcome } of pairs) counts[outcome] += 1;
  return counts;
}

/** The comparison a gain has to pass: plain SFT for as many steps, or else the SFT model itself. */
export function usualPair(models: readonly string[]): { reference: string; candidate: string } {
  const first = (wanted: string[]): string =>
    wanted.find((name) => models.includes(name)) ?? models[0] ?? '';
  return {
    reference: first(['baseline', 'sft', 'base']),
    candidate: first(['weak-driven', 'baseline', 'sft']),
  };
}

function outcomeOf(before: boolean, after: boolean): Outcome {
  if (after) return before ? 'both right' : 'fixed';
  return before ? 'broken' : 'both wrong';
}
