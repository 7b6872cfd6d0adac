/** What a run is remembered by, in one line: the accuracy of its model against plain SFT. */
import type { EvaluationResult } from '../../main/contract/events.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import { percent, significant } from './numbers.ts';

export interface KeyResult {
  text: string;
  /** Accuracy minus that of plain SFT, in percentage points; absent where there is nothing to compare. */
  gain?: string;
  direction?: 'up' | 'down' | 'same';
}

export function keyResult({ results }: Pick<RunSummary, 'results'>): KeyResult | null {
  const find = (model: string): EvaluationResult | undefined =>
    results.find((result) => result.model === model);
  const own = find('weak-driven') ?? find('sft') ?? find('base');
  if (own === undefined) return null;
  if (own.accuracy === undefined) {
    return { text: `${own.model}: held-out loss ${significant(own.loss)}` };
  }
  const text = `${own.model} ${percent(own.accuracy)}`;
  const reference = own.model === 'weak-driven' ? (find('baseline') ?? find('sft')) : undefined;
  if (reference?.accuracy === undefined) return { text };
  const points = (own.accuracy - reference.accuracy) * 100;
  const name = reference.model === 'baseline' ? 'SFT continued' : 'SFT';
  const sign = points < 0 ? '−' : '+';
  return {
    text,
    gain: `${sign}${Math.abs(points).toFixed(1)} pp against ${name}`,
    direction: points === 0 ? 'same' : points > 0 ? 'up' : 'down',
  };
}
