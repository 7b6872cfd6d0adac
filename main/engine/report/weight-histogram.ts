/**
 * Rows by their curriculum weight relative to uniform (weight x rows; 1 = as likely as without a
 * curriculum), in bins of equal ratio, four to a doubling at most, because weights spread over orders
 * of magnitude. Rows of weight 0 have no place on that axis and are counted apart.
 */
import type { ReportedCurriculum } from '../../contract/report.ts';

const bins = 32;
const smallestRatio = 2 ** 0.25;

export function weightHistogram(weights: Float64Array): ReportedCurriculum['histogram'] {
  const positive = weights.filter((weight) => weight > 0).map((weight) => weight * weights.length);
  const zero = weights.length - positive.length;
  if (positive.length === 0) return { edges: [], counts: [], zero };
  let low = Infinity;
  let high = 0;
  for (const weight of positive) {
    low = Math.min(low, weight);
    high = Math.max(high, weight);
  }
  const ratio = Math.max(smallestRatio, (high / low) ** (1 / bins));
  const number = Math.max(1, Math.ceil(Math.log(high / low) / Math.log(ratio) - 1e-9));
  const counts = Array.from({ length: number }, () => 0);
  for (const weight of positive) {
    const bin = Math.floor(Math.log(weight / low) / Math.log(ratio));
    counts[Math.min(number - 1, Math.max(0, bin))]!++;
  }
  const edges = Array.from({ length: number + 1 }, (_, edge) => low * ratio ** edge);
  return { edges, counts, zero };
}
