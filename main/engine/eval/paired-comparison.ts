/** Two models on the same items, right or wrong: counts, difference with its interval, exact test. */
import type { PairedComparison } from '../../contract/report.ts';
import { itemsNeeded } from './items-needed.ts';
import { mcnemarExact } from './mcnemar.ts';
import { pairedDifference } from './paired-difference.ts';

/** @param pairs whether the reference (`before`) and the candidate (`after`) got each item right */
export function pairedComparison(
  pairs: readonly { before: boolean; after: boolean }[],
): Omit<PairedComparison, 'candidate' | 'reference'> {
  const counts = { bothCorrect: 0, fixed: 0, broken: 0, bothWrong: 0 };
  for (const { before, after } of pairs) {
    if (after) counts[before ? 'bothCorrect' : 'fixed']++;
    else counts[before ? 'broken' : 'bothWrong']++;
  }
  const { fixed, broken } = counts;
  const needed = itemsNeeded(fixed, broken, pairs.length);
  return {
    items: pairs.length,
    ...counts,
    ...pairedDifference(counts),
    pValue: mcnemarExact(fixed, broken),
    ...(needed !== null && { itemsNeeded: needed }),
  };
}
