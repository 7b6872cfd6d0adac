/**
 * The difference of two accuracies on the same items, with a 95 % interval: Newcombe's hybrid score
 * interval for paired proportions (Statistics in Medicine 17:2635, 1998, method 10), which joins the
 * Wilson intervals of both and allows for their correlation phi. Sound for few items and near 0 and 1.
 */
import { wilsonInterval } from './wilson-interval.ts';

/** Items by who answers them correctly. */
export interface PairedCounts {
  bothCorrect: number;
  /** Only the first model. */
  fixed: number;
  /** Only the second model. */
  broken: number;
  bothWrong: number;
}

/** First model minus second; between -1 and 1. No items: the whole range. */
export function pairedDifference(counts: PairedCounts): {
  difference: number;
  low: number;
  high: number;
} {
  const { bothCorrect: a, fixed: b, broken: c, bothWrong: d } = counts;
  const items = a + b + c + d;
  if (items === 0) return { difference: 0, low: -1, high: 1 };
  const first = (a + b) / items;
  const second = (a + c) / items;
  const one = wilsonInterval(a + b, items);
  const two = wilsonInterval(a + c, items);
  const phi = correlation(counts);
  const half = (x: number, y: number): number => Math.sqrt(x * x - 2 * phi * x * y + y * y);
  const difference = first - second;
  return {
    difference,
    low: difference - half(first - one.low, two.high - second),
    high: difference + half(one.high - first, second - two.low),
  };
}

/** With Newcombe's continuity correction of positive correlations. */
function correlation({ bothCorrect: a, fixed: b, broken: c, bothWrong: d }: PairedCounts): number {
  const margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins === 0) return 0;
  const items = a + b + c + d;
  const product = a * d - b * c;
  const corrected = product > 0 ? Math.max(product - items / 2, 0) : product;
  return corrected / Math.sqrt(margins);
}
