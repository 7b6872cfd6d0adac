/** One run, live: header with its actions, alarms, and a tab for each way of looking at it. */
import { Button, Group, Skeleton, Stack, Tabs, Text, Title, Tooltip } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { Failure } from '../../components/failure.tsx';
import { RunButtons } from '../../components/run-buttons.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { duration, middleEllipsis } from '../../state/numbers.ts';
import type { RunState } from '../../state/run-state.ts';
import { openExport } from '../../state/model-export.ts';
import { useShared } from '../../state/store.ts';
import { useRun } from '../../state/use-run.ts';
import { AnswersTab } from './answers-tab.tsx';
import { ChartsTab } from './charts-tab.tsx';
import { CheckpointsTab } from './checkpoints-tab.tsx';
import { ConfigTab } from './config-tab.tsx';
import { CurriculumTab } from './curriculum-tab.tsx';
import { LogTab } from './log-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import { SamplesTab } from './samples-tab.tsx';

const tabs = [
  'overview',
  'charts',
  'curriculum',
  'samples',
  'answers',
  'checkpoints',
  'log',
  'config',
] as const;

/** The overview has the alarms; on any other tab one sees that there are some. */
function AlarmMark({ state }: { state: RunState }) {
  // What was said of the data before training is a note, not an alarm.
  const { length } = state.alarms.filter(({ code }) => code !== 'data');
  if (length === 0) return null;
  const label = `${length} ${length === 1 ? 'warning' : 'warnings'}`;
  return (
    <Tooltip label={label}>
      <IconAlertTriangle size={14} color="var(--ink-warning)" aria-label={label} role="img" />
    </Tooltip>
  );
}

function progressText(run: RunSummary, state: RunState | null): string {
  if (run.status === 'finished') return `finished in ${duration(state?.seconds)}`;
  if (run.status === 'queued') return `no. ${run.queuePosition ?? '?'} in the queue`;
  const stage = state?.current;
  if (stage === undefined || state === null) return '';
  const series = state.series[stage];
  const { done, total, unit, remaining } = state.stages[stage];
  const parts: string[] = [stage];
  if (series !== undefined && series.length > 0) {
    parts.push(`step ${series.step[series.length - 1]} / ${series.steps}`);
  } else if (done !== undefined && total !== undefined) {
    parts.push(`${done} / ${total} ${unit ?? ''}`.trim());
  }
  if (remaining !== undefined && run.status === 'running')
    parts.push(`${duration(remaining)} left`);
  return parts.join(' · ');
}

export function RunPage({ runId, tab }: { runId: string; tab: string }) {
  const [, go] = useLocation();
  const { runs } = useShared();
  const { snapshot, state, error } = useRun(runId);
  const run = runs?.find(({ id }) => id === runId) ?? snapshot?.summary;

  if (error !== null) {
    return (
      <Stack p="xl">
        <Failure error={error} />
      </Stack>
    );
  }
  if (run === undefined || snapshot === null || state === null) {
    return (
      <Stack p="xl" aria-busy="true" aria-label="Loading the run">
        <Skeleton h={32} w={360} />
        <Skeleton h={60} />
        <Skeleton h={220} />
      </Stack>
    );
  }
  return (
    <>
      <header className="page-header">
        <Title order={1} className="ellipsis" title={run.name}>
          {middleEllipsis(run.name, 34)}
        </Title>
        <StatusBadge status={run.status} />
        <Text size="sm" c="dimmed" className="ellipsis" aria-live="polite">
          {progressText(run, state)}
        </Text>
        <Group ml="auto" wrap="nowrap">
          <RunButtons run={run} />
          {run.started !== undefined && (
            <Button variant="default" component={Link} href={`/reports/${runId}`}>
              Report
            </Button>
          )}
          {['done', 'cached'].includes(state.stages.extract.status) && (
            <Button
              variant="default"
              onClick={() => openExport({ checkpoint: runId, title: run.name })}
            >
              Export…
            </Button>
          )}
        </Group>
      </header>
      <Tabs
        value={tab}
        onChange={(next) => go(`/runs/${runId}/${next ?? 'overview'}`)}
        keepMounted={false}
        style={{ display: 'flex', flexDirection: 'column', flex: 1, minHeight: 0 }}
      >
        <Tabs.List px={16}>
          {tabs.map((name) => (
            <Tabs.Tab
              key={name}
              value={name}
              tt="capitalize"
              rightSection={name === 'overview' ? <AlarmMark state={state} /> : undefined}
            >
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className="page-body">
          <Tabs.Panel value="overview">
            <OverviewTab run={run} state={state} config={snapshot.config} />
          </Tabs.Panel>
          <Tabs.Panel value="charts">
            <ChartsTab state={state} />
          </Tabs.Panel>
          <Tabs.Panel value="curriculum">
            <CurriculumTab run={run} state={state} config={snapshot.config} />
          </Tabs.Panel>
          {/* It holds text only: focus lets the keyboard scroll it. */}
          <Tabs.Panel value="samples" tabIndex={0} className="focusable">
            <SamplesTab state={state} />
          </Tabs.Panel>
          <Tabs.Panel value="answers">
            <AnswersTab key={state.stages.evaluate.status} run={run} state={state} />
          </Tabs.Panel>
          <Tabs.Panel value="checkpoints">
            <CheckpointsTab run={run} state={state} />
          </Tabs.Panel>
          <Tabs.Panel value="log">
            <LogTab runId={runId} state={state} />
          </Tabs.Panel>
          <Tabs.Panel value="config">
            <ConfigTab run={run} config={snapshot.config} directory={snapshot.directory} />
          </Tabs.Panel>
        </div>
      </Tabs>
    </>
  );
}
