/** The checkpoints of a run that are kept: resume points and historical weak agents. */
import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useLocation } from 'wouter';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { act } from '../../bridge/actions.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { LongText } from '../../components/long-text.tsx';
import { stageLabels } from '../../components/phase-timeline.tsx';
import { absoluteTime, bytes, duration } from '../../state/numbers.ts';
import { openExport } from '../../state/model-export.ts';
import { modelName } from '../../state/model-name.ts';
import type { RunState } from '../../state/run-state.ts';

export function CheckpointsTab({ run, state }: { run: RunSummary; state: RunState }) {
  const [, go] = useLocation();
  if (state.checkpoints.length === 0) {
    return (
      <EmptyState
        title="No checkpoint yet"
        text="A checkpoint holds weights, optimizer, schedule, random numbers and the position in the data: a resumed run continues bit for bit."
      >
        {run.status === 'running' && (
          <Button onClick={() => void act('runs.checkpoint', { runId: run.id })}>Save now</Button>
        )}
      </EmptyState>
    );
  }
  return (
    <Stack className="measure">
      <Text size="sm" c="dimmed">
        Every kept checkpoint can be the weak agent of a later run.
      </Text>
      <Table aria-label="Checkpoints">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Stage</Table.Th>
            <Table.Th ta="right">Step</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th ta="right" className="one-line">
              Saved in
            </Table.Th>
            <Table.Th>Saved at</Table.Th>
            <Table.Th>Folder</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...state.checkpoints].reverse().map((saved) => (
            <Table.Tr key={saved.path}>
              <Table.Td className="one-line">{stageLabels[saved.stage]}</Table.Td>
              <Table.Td ta="right">{saved.step}</Table.Td>
              <Table.Td ta="right" className="one-line">
                {bytes(saved.bytes)}
              </Table.Td>
              <Table.Td ta="right">{duration(saved.seconds)}</Table.Td>
              <Table.Td className="one-line">{absoluteTime(saved.time)}</Table.Td>
              <Table.Td>
                <LongText text={saved.path} length={26} mono />
              </Table.Td>
              <Table.Td>
                <Group justify="flex-end" gap={0} wrap="nowrap">
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    onClick={() => go(`/generate/${encodeURIComponent(saved.path)}`)}
                  >
                    Generate
                  </Button>
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    onClick={() => go(`/evaluate-model/${encodeURIComponent(saved.path)}`)}
                  >
                    Evaluate
                  </Button>
                  <Button
                    variant="subtle"
                    size="compact-xs"
                    onClick={() =>
                      openExport({ checkpoint: saved.path, title: modelName(saved.path) })
                    }
                  >
                    Export…
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
