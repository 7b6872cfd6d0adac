/**
 * The curriculum of measured entropies, live: sliders on the right, what they do everywhere else.
 * The numbers are the engine's own (`curriculum.preview`), the same that `wds curriculum` writes.
 */
import {
  Alert,
  Grid,
  Group,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  useComputedColorScheme,
} from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import type { CurriculumConfig } from '../../main/contract/config.ts';
import type { CurriculumPreview, EntropyColumns } from '../../main/contract/artifacts.ts';
import { useRequest } from '../bridge/use-request.ts';
import { count } from '../state/numbers.ts';
import { termColors } from '../theme.ts';
import { CurriculumRows } from './curriculum-rows.tsx';
import { CurriculumSliders, terms } from './curriculum-sliders.tsx';
import { EntropyScatter } from './entropy-scatter.tsx';
import { Failure } from './failure.tsx';
import { Figure } from './figure.tsx';
import { Histogram } from './histogram.tsx';
import { SampleDrawer } from './sample-drawer.tsx';

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
          {made !== null && (
            <CurriculumRows entropies={columns} preview={made} onPick={setPicked} />
          )}
        </Grid.Col>
      </Grid>
      <SampleDrawer runId={runId} index={picked} onClose={() => setPicked(null)} />
    </>
  );
}
