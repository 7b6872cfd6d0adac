/** A run's state as a coloured dot and a word; colour never stands alone. */
import { Group, Text } from '@mantine/core';
import type { RunStatus } from '../../main/contract/runs.ts';

const looks: Record<RunStatus, { color: string; word: string }> = {
  created: { color: 'gray', word: 'not started' },
  queued: { color: 'gray', word: 'queued' },
  running: { color: 'teal', word: 'running' },
  pausing: { color: 'yellow', word: 'pausing after this step' },
  stopping: { color: 'yellow', word: 'stopping after this step' },
  paused: { color: 'yellow', word: 'paused' },
  stopped: { color: 'gray', word: 'stopped' },
  interrupted: { color: 'orange', word: 'interrupted' },
  failed: { color: 'red', word: 'failed' },
  finished: { color: 'indigo', word: 'finished' },
};

export function statusWord(status: RunStatus): string {
  return looks[status].word;
}

export function StatusBadge({ status }: { status: RunStatus }) {
  const { color, word } = looks[status];
  const alive = status === 'running' || status === 'pausing' || status === 'stopping';
  return (
    <Group gap={6} wrap="nowrap" data-status={status}>
      <svg width="8" height="8" aria-hidden className={alive ? 'pulse' : undefined}>
        <circle cx="4" cy="4" r="4" fill={`var(--mantine-color-${color}-6)`} />
      </svg>
      <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
        {word}
      </Text>
    </Group>
  );
}
