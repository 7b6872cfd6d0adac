/** A compared model's name with the dot in its colour. */
import { useComputedColorScheme } from '@mantine/core';
import type { ComparedModel } from '../../../main/contract/comparison.ts';
import { roleOfModel } from '../../components/chart/compare-chart.tsx';
import { dataColors } from '../../theme.ts';

export function ModelName({ model, index }: { model: ComparedModel; index: number }) {
  const scheme = useComputedColorScheme('light');
  return (
    <span className="model-name" title={`${model.label}\n${model.folder ?? ''}`}>
      <span className="model-dot" style={{ background: dataColors[roleOfModel(index)][scheme] }} />
      <span className="ellipsis">{model.label}</span>
    </span>
  );
}
