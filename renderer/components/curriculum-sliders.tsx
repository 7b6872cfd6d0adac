/** The curriculum's scheme and the weights of its three terms, each with its share of all weight. */
import { Group, Select, Slider, Stack, Text, useComputedColorScheme } from '@mantine/core';
import { curriculumSchema } from '../../main/contract/config.ts';
import type { CurriculumConfig } from '../../main/contract/config.ts';
import { percent } from '../state/numbers.ts';
import { termColors } from '../theme.ts';

export const terms = [
  { key: 'alpha', label: 'α · uncertain at the start', note: 'high entropy under the base' },
  { key: 'beta', label: 'β · entropy fell', note: 'being consolidated' },
  { key: 'gamma', label: 'γ · entropy rose', note: 'forgotten or regressed' },
] as const;

interface Props {
  value: CurriculumConfig;
  shares: number[] | undefined;
  onChange?: ((value: CurriculumConfig) => void) | undefined;
}

export function CurriculumSliders({ value, shares, onChange }: Props) {
  const scheme = useComputedColorScheme('light');
  return (
    <Stack gap="md">
      <Select
        label="Scheme"
        disabled={onChange === undefined}
        data={[
          { value: 'discrepancy', label: 'Discrepancy (the paper’s WD-DS)' },
          { value: 'brownboost', label: 'BrownBoost (needs a third entropy)' },
          { value: 'uniform', label: 'Uniform (no curriculum, the control)' },
        ]}
        allowDeselect={false}
        value={value.scheme}
        onChange={(scheme_) =>
          onChange?.({ ...value, scheme: curriculumSchema.shape.scheme.parse(scheme_) })
        }
      />
      {terms.map(({ key, label, note }, index) => (
        <div key={key}>
          <Group justify="space-between" gap="xs" wrap="nowrap">
            <Text size="sm" fw={500}>
              {label}
            </Text>
            <Text size="sm">{value[key].toFixed(2)}</Text>
          </Group>
          <Slider
            size="sm"
            min={0}
            max={1}
            step={0.01}
            label={null}
            value={value[key]}
            color={termColors[scheme][index] ?? 'indigo'}
            thumbLabel={label}
            disabled={onChange === undefined || value.scheme === 'uniform'}
            onChange={(next) => onChange?.({ ...value, [key]: next })}
          />
          <Text size="xs" c="dimmed">
            {note}
            {shares === undefined ? '' : ` · ${percent(shares[index])} of all weight`}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
