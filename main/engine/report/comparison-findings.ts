/** What a comparison found, in sentences made from its numbers: what differs, and what may be chance. */
import type { Comparison } from '../../contract/comparison.ts';
import type { PairedComparison } from '../../contract/report.ts';
import { significanceLevel } from './findings.ts';
import { count, percent, pValue, signedPoints } from './number-text.ts';

export function comparisonFindings({ models, evaluation, benchmarks }: Comparison): string[] {
  const heldOut = (evaluation?.paired ?? []).flatMap((pair, index) =>
    pair === null
      ? []
      : sentence(pair, {
          where: 'held-out items',
          names: [models[0]!.label, models[index]!.label],
          shares: [evaluation?.scores[0]?.accuracy, evaluation?.scores[index]?.accuracy],
          test: 'McNemar’s exact test',
        }),
  );
  const scored = benchmarks.flatMap(({ title, scores, paired }) =>
    paired.flatMap((pair, index) =>
      pair === null
        ? []
        : sentence(pair, {
            where: `items of ${title}`,
            names: [models[0]!.label, models[index]!.label],
            shares: [scores[0]?.mean.value, scores[index]?.mean.value],
            test: pair.test === 'mcnemar' ? 'McNemar’s exact test' : 'paired bootstrap',
          }),
    ),
  );
  return [...heldOut, ...scored];
}

type Pair = Pick<
  PairedComparison,
  'items' | 'difference' | 'low' | 'high' | 'pValue' | 'fixed' | 'broken'
>;

function sentence(
  { items, difference, low, high, pValue: p, fixed, broken }: Pair,
  about: {
    where: string;
    names: [string, string];
    shares: [number | undefined, number | undefined];
    test: string;
  },
): string {
  const [first, second] = about.names;
  const [before, after] = about.shares.map(percent);
  const start = `On ${count(items)} ${about.where} ${second} scores ${after} and ${first} ${before}`;
  if (fixed === 0 && broken === 0) return `${start}: no item tells them apart.`;
  const change = `${signedPoints(difference)} points, 95 % CI ${signedPoints(low)} to ${signedPoints(high)}`;
  const verdict =
    p < significanceLevel
      ? `chance alone is an unlikely explanation (${about.test}, ${pValue(p)})`
      : `which can well be chance (${about.test}, ${pValue(p)})`;
  return `${start} (${change}; ${count(fixed)} better, ${count(broken)} worse): ${verdict}.`;
}
