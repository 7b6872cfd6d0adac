/** One metric of several runs on one axis; the first run is the baseline and grey. */
import type { RunSnapshot, StepMetric } from '../../../main/contract/runs.ts';
import { seriesFromColumns } from '../../state/series.ts';
import type { DataRole } from '../../theme.ts';
import type { Curve } from './chart-data.ts';
import { StepChart } from './step-chart.tsx';
import { useMemo } from 'react';

type CompareMetric = Extract<
  StepMetric,
  'loss' | 'strongLoss' | 'strongMargin' | 'gradientAmplification'
>;

const titles: Record<CompareMetric, [string, string]> = {
  loss: ['Joint loss', 'nats per answer token'],
  strongLoss: ['Loss of the strong agent', 'nats per answer token'],
  strongMargin: ['Logit margin of the strong agent', 'target minus mean of the others'],
  gradientAmplification: ['Gradient amplification', 'mixed / strong mass'],
};

const order: DataRole[] = ['baseline', 'strong', 'weak', 'mixed', 'rose', 'lime'];

export function CompareChart({
  snapshots,
  metric,
}: {
  snapshots: RunSnapshot[];
  metric: CompareMetric;
}) {
  const curves = useMemo(
    () =>
      snapshots.map(({ summary, series }, index): Curve => {
        const joint = series.find(({ stage }) => stage === 'joint');
        return {
          label: summary.name,
          role: order[index % order.length] ?? 'baseline',
          series: joint === undefined ? undefined : seriesFromColumns(joint),
          metric,
        };
      }),
    [snapshots, metric],
  );
  const [title, unit] = titles[metric];
  return (
    <StepChart
      title={title}
      unit={unit}
      curves={curves}
      markers={[]}
      smoothing={0}
      logarithmic={false}
      waiting="None of these runs has reached joint training."
    />
  );
}
