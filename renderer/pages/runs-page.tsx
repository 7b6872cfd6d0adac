/** All runs: filter, sort, choose columns, pick some to compare; the queue is part of the list. */
import {
  Button,
  Checkbox,
  Menu,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core';
import { IconColumns3, IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { RunSummary } from '../../main/contract/runs.ts';
import { useAction } from '../bridge/actions.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Page } from '../components/page.tsx';
import { RunRow } from '../components/run-row.tsx';
import { startDemo } from '../state/demo.ts';
import { runColumns, sortRuns } from '../state/run-columns.ts';
import type { ColumnName } from '../state/run-columns.ts';
import { changeSettings, useShared } from '../state/store.ts';
import { statusWord } from '../components/status-badge.tsx';

function matches(run: RunSummary, words: string): boolean {
  const text = `${run.name} ${run.id} ${statusWord(run.status)} ${run.model} ${run.dataFile}`;
  const lower = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => lower.includes(word));
}

function FirstStart() {
  const [, go] = useLocation();
  const demo = useAction(async () => go(`/runs/${await startDemo()}`));
  return (
    <EmptyState
      title="Train a model with its own past"
      text="Weak-Driven Learning mixes the logits of an earlier checkpoint into the loss, so that a model that has stopped learning gets a useful gradient again. The embedded model and its arithmetic data need nothing else: all phases run in a few minutes on this machine."
    >
      <Button size="sm" loading={demo.busy} onClick={() => demo.go()}>
        Try the whole method on the embedded model
      </Button>
      <Button size="sm" variant="default" onClick={() => go('/new')}>
        Set up a run of your own
      </Button>
    </EmptyState>
  );
}

export function RunsPage() {
  const [, go] = useLocation();
  const { runs, settings } = useShared();
  const [words, setWords] = useState('');
  const [sort, setSort] = useState<{ by: ColumnName; down: boolean }>({
    by: 'created',
    down: true,
  });
  const [picked, setPicked] = useState<string[]>([]);
  const hidden = settings?.hiddenColumns ?? [];
  const columns = runColumns.filter(({ name }) => !hidden.includes(name));
  const shown = useMemo(
    () =>
      sortRuns(
        (runs ?? []).filter((run) => matches(run, words)),
        sort.by,
        sort.down,
      ),
    [runs, words, sort],
  );
  const pick = (id: string): void =>
    setPicked(picked.includes(id) ? picked.filter((known) => known !== id) : [...picked, id]);
  const sortBy = (by: ColumnName): void =>
    setSort({ by, down: sort.by === by ? !sort.down : true });

  const actions = (
    <>
      {picked.length > 0 && (
        <Button
          variant="light"
          disabled={picked.length < 2 || picked.length > 6}
          onClick={() => go(`/compare/${picked.join(',')}`)}
        >
          {picked.length < 2 ? 'Pick one more to compare' : `Compare ${picked.length} runs`}
        </Button>
      )}
      <TextInput
        w={220}
        aria-label="Filter runs"
        placeholder="Filter by name, status, model"
        leftSection={<IconSearch size={14} />}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
      <Menu closeOnItemClick={false} position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconColumns3 size={14} />}>
            Columns
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {runColumns.map(({ name, label }) => (
            <Menu.Item
              key={name}
              role="menuitemcheckbox"
              aria-checked={!hidden.includes(name)}
              leftSection={hidden.includes(name) ? <span style={{ width: 12 }} /> : '✓'}
              onClick={() =>
                changeSettings({
                  hiddenColumns: hidden.includes(name)
                    ? hidden.filter((known) => known !== name)
                    : [...hidden, name],
                })
              }
            >
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );

  if (runs !== null && runs.length === 0) {
    return (
      <Page title="Runs">
        <FirstStart />
      </Page>
    );
  }
  return (
    <Page title="Runs" actions={actions} wide>
      {runs === null ? (
        <Stack gap="sm">
          {[0, 1, 2].map((row) => (
            <Skeleton key={row} h={36} />
          ))}
        </Stack>
      ) : (
        <Table highlightOnHover aria-label="Runs" horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={36}>
                <VisuallyHidden>Compare</VisuallyHidden>
              </Table.Th>
              <Table.Th fz="xs">Name</Table.Th>
              {columns.map(({ name, label, numeric }) => (
                <Table.Th
                  key={name}
                  ta={numeric ? 'right' : 'left'}
                  pl={numeric ? 6 : 14}
                  aria-sort={sort.by !== name ? 'none' : sort.down ? 'descending' : 'ascending'}
                >
                  <Button
                    variant="transparent"
                    color="gray"
                    size="compact-xs"
                    px={0}
                    onClick={() => sortBy(name)}
                  >
                    {label}
                    {sort.by === name ? (sort.down ? ' ↓' : ' ↑') : ''}
                  </Button>
                </Table.Th>
              ))}
              <Table.Th w={40} aria-label="Actions" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((run) => (
              <RunRow
                key={run.id}
                run={run}
                columns={columns}
                selector={
                  <Checkbox
                    aria-label={`Compare ${run.name}`}
                    checked={picked.includes(run.id)}
                    onChange={() => pick(run.id)}
                  />
                }
              />
            ))}
          </Table.Tbody>
        </Table>
      )}
      {runs !== null && runs.length > 0 && shown.length === 0 && (
        <Text c="dimmed" ta="center" py="xl">
          No run matches “{words}”.
        </Text>
      )}
    </Page>
  );
}
