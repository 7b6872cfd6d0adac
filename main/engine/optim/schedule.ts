/**
 * Learning-rate schedules as transformers has them. Update s (0-based) of S with W warm-up updates:
 * lr * s / W while s < W, then linear lr * (S - s) / (S - W), half a cosine, or constant.
 * Under warm-up the first update has learning rate 0, yet its gradient enters Adam's moments.
 */
import type { ScheduleConfig } from '../../contract/config.ts';

export function learningRateAt(
  update: number,
  updates: number,
  peak: number,
  { kind, warmupSteps }: ScheduleConfig,
): number {
  if (update < warmupSteps) return (peak * update) / warmupSteps;
  if (kind === 'constant') return peak;
  const progress = (update - warmupSteps) / Math.max(1, updates - warmupSteps);
  const share = kind === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return peak * Math.max(0, share);
}
