/**
 * The curriculum of measured entropies, live: sliders on the right, what they do everywhere else.
 * The numbers are the engine's own (`curriculum.preview`), the same that `wds curriculum` writes.
 */
import {
  Alert,
  Grid,
  Group,
  Paper,
  Select,
  SimpleGrid,
  Slider,
  Stack,
  Table,
  Text,
} from '@mantine/core';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { curriculumSchema } from '../../main/contract/config.ts';
import type { CurriculumConfig } from '../../main/contract/config.ts';
import type { CurriculumPreview, EntropyColumns } from '../../main/contract/artifacts.ts';
import { useRequest } from '../bridge/use-request.ts';
import { count, percent, significant } from '../state/numbers.ts';
import { termColors } from '../theme.ts';
import { EntropyScatter } from './entropy-scatter.tsx';
import { Failure } from './failure.tsx';
import { Figure } from './figure.tsx';
import { Histogram } from './histogram.tsx';
import { SampleDrawer } from './sample-drawer.tsx';

const terms = [
  { key: 'alpha', label: 'α · uncertain at the start', note: 'high entropy under the base' },
  { key: 'beta', label: 'β · entropy fell', note: 'being consolidated' },
  { key: 'gamma', label: 'γ · entropy rose', note: 'forgotten or regressed' },
] as const;

function topRows(preview: CurriculumPreview, length: number): number[] {
  const rows = Array.from(preview.weights.keys());
  return rows
    .sort((a, b) => (preview.weights[b] ?? 0) - (preview.weights[a] ?? 0))
    .slice(0, length);
}

function weightHistogram(preview: CurriculumPreview): { edges: number[]; counts: number[] } {
  const bins = 40;
  const scale = preview.weights.length;
  let top = 0;
  for (const weight of preview.weights) if (weight * scale > top) top = weight * scale;
  const counts = Array.from({ length: bins }, () => 0);
  for (const weight of preview.weights) {
    const bin = Math.min(bins - 1, Math.floor(((weight * scale) / (top || 1)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, bin) => (bin / bins) * top), counts };
}

interface SlidersProps {
  value: CurriculumConfig;
  shares: number[] | undefined;
  onChange?: ((value: CurriculumConfig) => void) | undefined;
}

export function CurriculumSliders({ value, shares, onChange }: SlidersProps) {
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

interface Props {
  runId: string;
  value: CurriculumConfig;
  onChange?: (value: CurriculumConfig) => void;
}

export function CurriculumView({ runId, value, onChange }: Props) {
  const scheme = useComputedColorScheme('light');
  const entropies = useRequest('run.entropies', { runId });
  const preview = useRequest('curriculum.preview', { runId, curriculum: value });
  const [picked, setPicked] = useState<number | null>(null);
  useEffect(() => setPicked(null), [runId]);
  const top = useMemo(
    () => (preview.data === null ? [] : topRows(preview.data, 20)),
    [preview.data],
  );
  const histogram = useMemo(
    () => (preview.data === null ? null : weightHistogram(preview.data)),
    [preview.data],
  );
  if (entropies.error !== null) return <Failure error={entropies.error} />;
  if (entropies.data === null) return <Text c="dimmed">Reading the measured entropies…</Text>;
  const columns: EntropyColumns = entropies.data;
  const made = preview.data;
  return (
    <>
      {preview.error !== null && <Failure error={preview.error} />}
      {made?.warnings.map((warning) => (
        <Alert key={warning} color="yellow" mb="md" title={warning} />
      ))}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Paper p="sm">
            <Group gap="lg" mb="xs">
              {terms.map(({ key, label }, index) => (
                <Group key={key} gap={6}>
                  <svg width="10" height="10" aria-hidden>
                    <circle cx="5" cy="5" r="5" fill={termColors[scheme][index]} />
                  </svg>
                  <Text size="xs" c="dimmed">
                    {label}
                  </Text>
                </Group>
              ))}
            </Group>
            <EntropyScatter entropies={columns} preview={made} picked={picked} onPick={setPicked} />
            <Text size="xs" c="dimmed" ta="right">
              Dot size = weight. Click a dot to read the sample.
            </Text>
          </Paper>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md">
            <Paper p="md">
              <CurriculumSliders value={value} shares={made?.termShares} onChange={onChange} />
            </Paper>
            <Paper p="md">
              <SimpleGrid cols={2} spacing="md" mb="sm" style={{ gridTemplateColumns: '3fr 2fr' }}>
                <Figure
                  label="Effective sample size"
                  value={count(made?.effectiveSampleSize)}
                  note="So many equally likely rows would spread as much"
                />
                <Figure label="Rows" value={count(columns.ids.length)} />
                <Figure label="Drawn" value={count(made?.size)} />
                <Figure label="Never drawn" value={count(made?.neverDrawn)} />
              </SimpleGrid>
              {histogram !== null && (
                <Histogram
                  {...histogram}
                  unit="weight / mean weight"
                  height={80}
                  format={(v) => v.toFixed(1)}
                />
              )}
            </Paper>
          </Stack>
        </Grid.Col>
        <Grid.Col span={12}>
          <Paper p="md">
            <Text component="h3" fw={600} m={0} mb="xs">
              Rows with the most weight
            </Text>
            <Table aria-label="Rows with the most weight" verticalSpacing={3}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Row</Table.Th>
                  <Table.Th ta="right">H0</Table.Th>
                  <Table.Th ta="right">H1</Table.Th>
                  <Table.Th ta="right">Change</Table.Th>
                  <Table.Th ta="right">Weight</Table.Th>
                  <Table.Th ta="right">Drawn</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {top.map((row) => {
                  const before = columns.entropy0[row] ?? NaN;
                  const after = columns.entropy1[row] ?? NaN;
                  return (
                    <Table.Tr key={row}>
                      <Table.Td>
                        <button
                          type="button"
                          className="focusable mono"
                          style={{ all: 'unset', cursor: 'pointer', textDecoration: 'underline' }}
                          onClick={() => setPicked(row)}
                        >
                          {String(columns.ids[row] ?? row)}
                        </button>
                      </Table.Td>
                      <Table.Td ta="right">{significant(before)}</Table.Td>
                      <Table.Td ta="right">{significant(after)}</Table.Td>
                      <Table.Td ta="right">{significant(after - before)}</Table.Td>
                      <Table.Td ta="right">{percent(made?.weights[row], 3)}</Table.Td>
                      <Table.Td ta="right">{count(made?.drawn[row])}</Table.Td>
                    </Table.Tr>
                  );
                })}
              </Table.Tbody>
            </Table>
          </Paper>
        </Grid.Col>
      </Grid>
      <SampleDrawer runId={runId} index={picked} onClose={() => setPicked(null)} />
    </>
  );
}
