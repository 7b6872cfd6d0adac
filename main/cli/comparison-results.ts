/** A comparison for a terminal: a line for each model, its benchmarks, what differs, what is missing. */
import type { Comparison } from '../contract/comparison.ts';
import type { PairedComparison } from '../contract/report.ts';
import { count, percent, pValue, significant, signedPoints } from '../engine/report/number-text.ts';

export function comparisonLines(comparison: Comparison): string[] {
  const { models, settings, evaluation, benchmarks, tokens, weights, generations, missing } =
    comparison;
  const lines = models.map(({ label }, index) => {
    const score = evaluation?.scores[index];
    const pair = evaluation?.paired[index];
    const moved = weights?.models[index];
    const spread = tokens?.models[index];
    return line(label, [
      index === 0 ? 'baseline' : undefined,
      score?.accuracy === undefined ? undefined : `${percent(score.accuracy)} of ${score.items}`,
      score ? `loss ${significant(score.loss)}` : undefined,
      ...difference(pair),
      spread
        ? `margin ${significant(spread.margin.mean)}, non-target mass ${significant(spread.mass.mean)} over ${count(spread.tokens)} tokens`
        : undefined,
      moved ? `weights moved ${percent(moved.total)}` : undefined,
    ]);
  });
  const scored = benchmarks.flatMap(({ title, scores, paired }) => [
    `${title}:`,
    ...scores.flatMap((score, index) =>
      score === null
        ? []
        : line(`  ${models[index]!.label}`, [
            `${percent(score.mean.value)} [${percent(score.mean.low)}, ${percent(score.mean.high)}], n ${count(score.items)}`,
            ...difference(paired[index]),
          ]),
    ),
  ]);
  const differences = settings.map(
    ({ name, values }) => `  ${name}: ${values.map((value) => value ?? '–').join(' | ')}`,
  );
  const said = (generations?.answers ?? []).map((answer, index) =>
    line(models[index]!.label, ['error' in answer ? answer.error.message : answer.text]),
  );
  return [
    ...lines,
    ...scored,
    ...(differences.length > 0 ? ['Different settings:', ...differences] : []),
    ...(said.length > 0 ? ['Answers to the prompt:', ...said] : []),
    ...missing,
  ];
}

function line(label: string, parts: readonly (string | undefined)[]): string {
  return `${label}: ${parts.filter((part) => part !== undefined).join('; ')}`;
}

type Difference = Pick<PairedComparison, 'difference' | 'pValue' | 'fixed' | 'broken'>;

function difference(pair: Difference | null | undefined): string[] {
  if (!pair) return [];
  return [
    `${signedPoints(pair.difference)} points, ${pValue(pair.pValue)}`,
    `${pair.fixed} fixed, ${pair.broken} broken`,
  ];
}
