/** All curves of a training stage, with one smoothing, one scale switch and one crosshair. */
import { Group, SegmentedControl, SimpleGrid, Slider, Switch, Text } from '@mantine/core';
import { useState } from 'react';
import { StepChart } from '../../components/chart/step-chart.tsx';
import type { RunState } from '../../state/run-state.ts';
import { changeSettings, useShared } from '../../state/store.ts';
import { jointCharts, sftCharts } from './chart-sets.ts';

export function ChartsTab({ state }: { state: RunState }) {
  const started = state.series.joint !== undefined;
  const [chosen, setChosen] = useState<'joint' | 'sft' | null>(null);
  const stage = chosen ?? (started ? 'joint' : 'sft');
  const [logarithmic, setLogarithmic] = useState(false);
  const saved = useShared().settings?.smoothing ?? 0;
  const [smoothing, setSmoothing] = useState(saved);
  const charts = stage === 'joint' ? jointCharts(state) : sftCharts(state);
  const markers = state.markers.filter((marker) => marker.stage === stage);
  return (
    <>
      <Group mb="md" gap="xl">
        <SegmentedControl
          aria-label="Stage"
          value={stage}
          onChange={(value) => setChosen(value === 'joint' ? 'joint' : 'sft')}
          data={[
            { value: 'sft', label: 'SFT' },
            { value: 'joint', label: 'Joint training' },
          ]}
        />
        <Group gap="sm">
          <Text size="sm" id="smoothing-label">
            Smoothing
          </Text>
          <Slider
            w={140}
            size="sm"
            min={0}
            max={0.99}
            step={0.01}
            value={smoothing}
            onChange={setSmoothing}
            onChangeEnd={(value) => changeSettings({ smoothing: value })}
            label={(value) => value.toFixed(2)}
            thumbLabel="Smoothing"
          />
        </Group>
        <Switch
          label="Logarithmic"
          checked={logarithmic}
          onChange={(event) => setLogarithmic(event.currentTarget.checked)}
        />
        <Text size="xs" c="dimmed" ml="auto">
          Drag to zoom, double-click to reset. Dashed: checkpoints, resumes, evaluations.
        </Text>
      </Group>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }} spacing="md">
        {charts.map((chart) => (
          <StepChart
            key={chart.title}
            {...chart}
            markers={markers}
            smoothing={smoothing}
            logarithmic={logarithmic}
            waiting={`The first point comes with the first ${stage === 'joint' ? 'joint' : 'SFT'} step that measures it.`}
          />
        ))}
      </SimpleGrid>
    </>
  );
}
