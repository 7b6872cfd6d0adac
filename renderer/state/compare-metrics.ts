/** The metrics whose curves are set side by side, with titles and units. */
import type { StepMetric } from '../../main/contract/runs.ts';

export const compareTitles = {
  loss: ['Training loss', 'nats per answer token'],
  strongEntropy: ['Entropy of the trained model', 'nats per answer token'],
  strongMargin: ['Logit margin of the trained model', 'target minus mean of the others'],
  gradientAmplification: ['Gradient amplification', 'mixed / strong mass'],
} as const satisfies Partial<Record<StepMetric, [string, string]>>;

export type CompareMetric = keyof typeof compareTitles;
export const compareMetrics = Object.keys(compareTitles) as CompareMetric[];
