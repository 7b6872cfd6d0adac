/** One metric of several models on one axis; the first model is the baseline and grey. */
import { useMemo } from 'react';
import type { ComparedCurves, ComparedModel } from '../../../main/contract/comparison.ts';
import type { StepMetric } from '../../../main/contract/runs.ts';
import { compareTitles } from '../../state/compare-metrics.ts';
import type { CompareMetric } from '../../state/compare-metrics.ts';
import { emptySeries } from '../../state/series.ts';
import type { Series } from '../../state/series.ts';
import type { DataRole } from '../../theme.ts';
import type { Curve } from './chart-data.ts';
import { StepChart } from './step-chart.tsx';

const order: DataRole[] = ['baseline', 'strong', 'weak', 'mixed', 'rose', 'lime'];

export function roleOfModel(index: number): DataRole {
  return order[index % order.length] ?? 'baseline';
}

/** Groups of steps as two points, their smallest and largest value: the envelope is what is drawn. */
function seriesOf({ curves, stepsPerPoint }: ComparedCurves, metric: StepMetric): Series {
  const curve = curves.find((each) => each.metric === metric);
  const grouped = stepsPerPoint > 1;
  const length = (curve?.step.length ?? 0) * (grouped ? 2 : 1);
  const series = emptySeries(Math.max(1, length));
  curve?.step.forEach((step, index) => {
    const at = grouped ? index * 2 : index;
    series.step[at] = grouped ? Math.floor(step) : step;
    series.values[metric][at] = (grouped ? curve.low[index] : curve.mean[index]) ?? NaN;
    if (!grouped) return;
    series.step[at + 1] = Math.floor(step) + Math.max(1, Math.floor(stepsPerPoint / 2));
    series.values[metric][at + 1] = curve.high[index] ?? NaN;
  });
  return { ...series, length };
}

interface Props {
  models: ComparedModel[];
  curves: ComparedCurves[];
  metric: CompareMetric;
}

export function CompareChart({ models, curves, metric }: Props) {
  const drawn = useMemo(
    () =>
      curves.map((own): Curve => ({
        label: models[own.model]?.label ?? '',
        role: roleOfModel(own.model),
        series: seriesOf(own, metric),
        metric,
      })),
    [models, curves, metric],
  );
  const [title, unit] = compareTitles[metric];
  return (
    <StepChart
      title={title}
      unit={unit}
      curves={drawn}
      markers={[]}
      smoothing={0}
      logarithmic={false}
      waiting="None of these models was trained with this measure."
    />
  );
}
