/** The run at a glance: stages, alarms, the four telling curves, the held-out comparison, the machine. */
import { Alert, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { RunConfig } from '../../../main/contract/config.ts';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { StepChart } from '../../components/chart/step-chart.tsx';
import { Failure } from '../../components/failure.tsx';
import { Figure } from '../../components/figure.tsx';
import { PhaseTimeline } from '../../components/phase-timeline.tsx';
import { ResultsTable } from '../../components/results-table.tsx';
import { RunButtons } from '../../components/run-buttons.tsx';
import { WhyNote } from '../../components/why-note.tsx';
import { bytes, count, significant } from '../../state/numbers.ts';
import type { RunState } from '../../state/run-state.ts';
import { latest } from '../../state/series.ts';
import { jointCharts, sftCharts } from './chart-sets.ts';

interface Props {
  run: RunSummary;
  state: RunState;
  config: RunConfig;
}

function explanation(state: RunState): string {
  if (state.series.joint !== undefined) {
    return 'Joint training mixes the weak agent’s logits into the loss. The weak agent still puts mass on wrong tokens, so the strong one keeps getting a useful gradient where plain SFT has run dry.';
  }
  return 'First the base model is fine-tuned plainly. Where its logit margin stops growing, weak-driven training takes over with an earlier checkpoint as the weak agent.';
}

export function OverviewTab({ run, state, config }: Props) {
  const joint = state.series.joint !== undefined;
  const stage = joint ? 'joint' : 'sft';
  const charts = joint
    ? jointCharts(state).filter((_, index) => index < 2 || index === 3 || index === 4)
    : sftCharts(state).slice(0, 2);
  const series = state.series[stage];
  const markers = state.markers.filter((marker) => marker.stage === stage);
  // A run that paused by itself (disk full, loss not finite) has an error too.
  const hasEnded = ['failed', 'interrupted', 'paused'].includes(run.status);
  const error = hasEnded ? (run.error ?? state.error) : undefined;
  return (
    <Stack gap="lg">
      {error !== undefined && (
        <Failure error={error}>
          <RunButtons run={run} />
        </Failure>
      )}
      {state.alarms.slice(-3).map((alarm) => (
        <Alert
          key={alarm.code}
          color="yellow"
          variant="light"
          icon={<IconAlertTriangle size={16} />}
          className="selectable"
          data-alarm={alarm.code}
        >
          <Text size="md">{alarm.message}</Text>
        </Alert>
      ))}
      <PhaseTimeline state={state} config={config} />
      <WhyNote id={`overview-${stage}`}>{explanation(state)}</WhyNote>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        {charts.map((chart) => (
          <StepChart
            key={chart.title}
            {...chart}
            markers={markers}
            smoothing={0}
            logarithmic={false}
            waiting="The first point comes with the first training step."
          />
        ))}
      </SimpleGrid>
      {state.evaluations.length > 0 && (
        <ResultsTable results={state.evaluations.map(({ result }) => result)} />
      )}
      <Paper p="md">
        <Group gap={40}>
          <Figure label="Loss" value={significant(latest(series, 'loss'))} />
          <Figure label="Throughput" value={`${count(latest(series, 'tokensPerSecond'))} tok/s`} />
          <Figure
            label="Memory"
            value={bytes(state.memory?.residentBytes)}
            note="Resident memory of the engine"
          />
          <Figure label="Peak" value={bytes(state.memory?.peakBytes)} />
          <Figure label="Disk free" value={bytes(state.memory?.diskFreeBytes)} />
          <Figure label="Run on disk" value={bytes(run.bytes)} />
          <Text size="sm" c="dimmed" ml="auto">
            {state.device ?? ''}
          </Text>
        </Group>
      </Paper>
    </Stack>
  );
}
