/** A finished evaluation for a terminal: scores with their intervals, and what to know about them. */
import type { Estimate, EvaluationSummary } from '../contract/evaluation.ts';
import { formatCount, formatSeconds, formatTable, printable } from './text.ts';

export function formatEvaluation(summary: EvaluationSummary): string {
  const { samples, items, settings } = summary;
  const name = samples === 1 ? 'accuracy' : `mean@${samples}`;
  const rows = [
    [printable(summary.task.title), 'score', '95 % interval', 'items'],
    [name, ...scored(summary.mean), formatCount(items)],
    ...summary.passAt.map(({ k, ...estimate }) => [
      `pass@${k}`,
      ...scored(estimate),
      formatCount(items),
    ]),
  ];
  const decoding = settings.temperature === 0 ? 'greedy' : `temperature ${settings.temperature}`;
  const notes = [
    `${decoding}, at most ${formatCount(settings.maxNewTokens)} new tokens, seed ${settings.seed}`,
    `${formatCount(summary.cutOff)} cut off, ${formatCount(summary.withoutAnswer)} without an answer`,
    `${formatCount(summary.tokens)} tokens in ${formatSeconds(summary.seconds)}`,
    ...(summary.sandbox === undefined ? [] : [summary.sandbox]),
  ];
  return `${formatTable(rows)}\n${notes.map(printable).join('; ')}.`;
}

function scored({ value, low, high }: Estimate): string[] {
  return [percent(value), `${percent(low)} to ${percent(high)}`];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
