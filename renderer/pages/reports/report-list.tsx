/** The runs that have something to report, each with the result it is remembered by. */
import { Group, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { StatusBadge } from '../../components/status-badge.tsx';
import { keyResult } from '../../state/key-result.ts';
import { absoluteTime, ago } from '../../state/numbers.ts';

const gainColors = {
  up: 'var(--ink-good)',
  down: 'var(--ink-error)',
  same: 'var(--mantine-color-dimmed)',
};

function KeyResultLine({ run }: { run: RunSummary }) {
  const result = keyResult(run);
  if (result === null) {
    return (
      <Text size="xs" c="dimmed">
        not evaluated yet
      </Text>
    );
  }
  return (
    <>
      <Text size="sm">{result.text}</Text>
      {result.gain !== undefined && (
        <Text size="xs" c={gainColors[result.direction ?? 'same']}>
          {result.gain}
        </Text>
      )}
    </>
  );
}

interface Props {
  runs: RunSummary[];
  chosen: string | undefined;
}

export function ReportList({ runs, chosen }: Props) {
  const [words, setWords] = useState('');
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = runs.filter(({ name, id }) =>
    wanted.every((word) => `${name} ${id}`.toLowerCase().includes(word)),
  );
  return (
    <Stack gap="sm" className="report-list">
      <TextInput
        aria-label="Filter reports"
        placeholder="Filter"
        leftSection={<IconSearch size={14} />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Stack gap={2} component="nav" aria-label="Reports" style={{ overflowY: 'auto' }}>
        {shown.map((run) => (
          <Link
            key={run.id}
            href={`/reports/${run.id}`}
            className="report-link"
            aria-current={run.id === chosen ? 'page' : undefined}
          >
            <Group justify="space-between" wrap="nowrap" gap="sm">
              <Text fw={600} className="ellipsis" title={run.name}>
                {run.name}
              </Text>
              <Tooltip label={absoluteTime(run.created)}>
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {ago(run.created, Date.now())}
                </Text>
              </Tooltip>
            </Group>
            <KeyResultLine run={run} />
            {run.status !== 'finished' && <StatusBadge status={run.status} />}
          </Link>
        ))}
        {shown.length === 0 && (
          <Text size="sm" c="dimmed" p="sm">
            No run has this in its name.
          </Text>
        )}
      </Stack>
    </Stack>
  );
}
