/** One run in the list; the row opens it, the menu at its end acts on it. */
import { ActionIcon, Anchor, Group, Menu, Progress, Table, Text, Tooltip } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { RunSummary } from '../../main/contract/runs.ts';
import { act } from '../bridge/actions.tsx';
import { absoluteTime, ago, bytes, lastPart, percent, significant } from '../state/numbers.ts';
import { canBeDeleted, possibleActions, runActionLabels } from '../state/run-actions.ts';
import { headlineResult, progressShare } from '../state/run-columns.ts';
import type { ColumnName } from '../state/run-columns.ts';
import { DeleteRun } from './delete-run.tsx';
import { LongText } from './long-text.tsx';
import { Sparkline } from './sparkline.tsx';
import { StatusBadge } from './status-badge.tsx';

function ProgressCell({ run }: { run: RunSummary }) {
  const share = progressShare(run);
  if (run.status === 'queued')
    return <Text size="sm">{`no. ${run.queuePosition ?? '?'} in queue`}</Text>;
  if (share === undefined) return <Text size="sm">{run.stage ?? '–'}</Text>;
  const label =
    run.status === 'finished' ? 'done' : `${run.stage ?? ''} ${run.step} / ${run.steps}`;
  return (
    <Group gap="sm" wrap="nowrap">
      <Progress w={48} size="xs" value={share * 100} aria-label={`${run.name}: ${label}`} />
      <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
        {label}
      </Text>
    </Group>
  );
}

function cell(run: RunSummary, column: ColumnName): ReactNode {
  switch (column) {
    case 'status':
      return <StatusBadge status={run.status} />;
    case 'progress':
      return <ProgressCell run={run} />;
    case 'curve':
      return <Sparkline values={run.recentLosses} />;
    case 'loss':
      return significant(run.loss);
    case 'accuracy':
      return percent(headlineResult(run)?.accuracy);
    case 'model':
      return (
        <Tooltip label={run.model}>
          <Text span size="sm">
            {lastPart(run.model)}
          </Text>
        </Tooltip>
      );
    case 'weak':
      return <LongText text={run.weak} length={22} />;
    case 'bytes':
      return bytes(run.bytes);
    case 'created':
      return (
        <Tooltip label={absoluteTime(run.created)}>
          <Text span size="sm" style={{ whiteSpace: 'nowrap' }}>
            {ago(run.created, Date.now())}
          </Text>
        </Tooltip>
      );
  }
}

interface Props {
  run: RunSummary;
  columns: { name: ColumnName; numeric: boolean }[];
  selector: ReactNode;
}

export function RunRow({ run, columns, selector }: Props) {
  const [, go] = useLocation();
  const [deleting, setDeleting] = useState(false);
  const target = `/runs/${run.id}`;
  return (
    <Table.Tr data-run={run.id}>
      <Table.Td>{selector}</Table.Td>
      <Table.Td>
        <Anchor component={Link} href={target} fw={600} size="md" c="var(--mantine-color-text)">
          <LongText text={run.name} length={28} />
        </Anchor>
      </Table.Td>
      {columns.map(({ name, numeric }) => (
        <Table.Td key={name} ta={numeric ? 'right' : 'left'} pl={numeric ? 6 : 14}>
          {cell(run, name)}
        </Table.Td>
      ))}
      <Table.Td>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={`Actions for ${run.name}`}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {possibleActions(run.status).map((action) => (
              <Menu.Item key={action} onClick={() => void act(action, { runId: run.id })}>
                {runActionLabels[action]}
              </Menu.Item>
            ))}
            <Menu.Item onClick={() => go(`/new/${run.id}`)}>Duplicate with changes…</Menu.Item>
            <Menu.Item onClick={() => void act('runs.reveal', { runId: run.id })}>
              Show folder
            </Menu.Item>
            <Menu.Item
              color="red"
              disabled={!canBeDeleted(run.status)}
              onClick={() => setDeleting(true)}
            >
              Delete…
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <DeleteRun run={run} opened={deleting} onClose={() => setDeleting(false)} />
      </Table.Td>
    </Table.Tr>
  );
}
