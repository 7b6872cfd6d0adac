/**
 * The mean of items' scores in [0, 1], where each score is itself a mean over samples, with a 95 %
 * interval. Samples of one item are not independent, so their number is not the number of trials:
 * Wilson's interval is taken at the effective sample size p(1-p) / Var(mean), Var from the spread
 * between items (Korn & Graubard, Survey Methodology 24:193, 1998), kept between the number of items
 * and of all samples. One sample for each item gives Wilson's interval itself.
 */
import { wilsonInterval } from './wilson-interval.ts';

export function clusteredInterval(
  scores: readonly number[],
  samples: number,
): { value: number; low: number; high: number } {
  const items = scores.length;
  if (items === 0) return { value: 0, low: 0, high: 1 };
  const value = scores.reduce((sum, score) => sum + score, 0) / items;
  const spread = scores.reduce((sum, score) => sum + (score - value) ** 2, 0);
  const variance = items > 1 ? spread / (items - 1) / items : 0;
  const most = items * samples;
  const isCertain = value === 0 || value === 1;
  const effective = variance > 0 ? (value * (1 - value)) / variance : isCertain ? items : most;
  const size = samples === 1 ? items : Math.min(most, Math.max(items, effective));
  return { value, ...wilsonInterval(value * size, size) };
}
