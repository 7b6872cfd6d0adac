/** Two to six runs side by side: what differs in their settings, results, curves. */
import { Grid, MultiSelect, Paper, Stack, Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { RunSnapshot } from '../../main/contract/runs.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { CompareChart } from '../components/chart/compare-chart.tsx';
import { Failure } from '../components/failure.tsx';
import { isFinalResult } from '../components/results-table.tsx';
import { Page } from '../components/page.tsx';
import { configRows } from '../state/config-rows.ts';
import { percent, significant } from '../state/numbers.ts';
import { useShared } from '../state/store.ts';
import { useSnapshots } from '../state/use-snapshots.ts';

function ConfigTable({
  snapshots,
  onlyDifferent,
}: {
  snapshots: RunSnapshot[];
  onlyDifferent: boolean;
}) {
  const rows = configRows(snapshots.map(({ config }) => config)).filter(
    ({ different }) => different || !onlyDifferent,
  );
  if (rows.length === 0) return <Text c="dimmed">The settings are the same.</Text>;
  return (
    <Table aria-label="Settings" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={220}>Setting</Table.Th>
          {snapshots.map(({ summary }) => (
            <Table.Th key={summary.id}>{summary.name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, values, different }) => (
          <Table.Tr key={name}>
            <Table.Td className="mono">{name}</Table.Td>
            {values.map((value, index) => (
              <Table.Td
                key={index}
                className="mono selectable ellipsis"
                title={value}
                fw={different ? 600 : 400}
              >
                {value}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Results({ snapshots }: { snapshots: RunSnapshot[] }) {
  const models = [
    ...new Set(
      snapshots.flatMap(({ summary }) =>
        summary.results.filter(isFinalResult).map(({ model }) => model),
      ),
    ),
  ];
  if (models.length === 0) return <Text c="dimmed">None of these runs has been evaluated.</Text>;
  return (
    <Table aria-label="Held-out results" layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={220}>Model</Table.Th>
          {snapshots.map(({ summary }) => (
            <Table.Th key={summary.id}>{summary.name}</Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {models.map((model) => (
          <Table.Tr key={model}>
            <Table.Td>{model}</Table.Td>
            {snapshots.map(({ summary }) => {
              const result = summary.results.find((each) => each.model === model);
              return (
                <Table.Td key={summary.id}>
                  {result === undefined
                    ? '–'
                    : `${percent(result.accuracy)} · loss ${significant(result.loss)} · n ${result.items}`}
                </Table.Td>
              );
            })}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** `asked`: ids of runs, with commas. */
export function ComparePage({ asked }: { asked: string | undefined }) {
  const { runs } = useShared();
  const [ids, setIds] = useState<string[]>(asked === undefined ? [] : asked.split(','));
  const [onlyDifferent, setOnlyDifferent] = useState(true);
  const { snapshots, error } = useSnapshots(ids);
  const picker = (
    <MultiSelect
      w={460}
      size="xs"
      aria-label="Runs to compare"
      placeholder={ids.length === 0 ? 'Choose two to six runs' : ''}
      maxValues={6}
      data={(runs ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={ids}
      onChange={setIds}
      searchable
    />
  );
  return (
    <Page title="Compare" actions={picker} wide>
      {error !== null && <Failure error={error} />}
      {snapshots.length < 2 ? (
        <EmptyState
          title="Which run is better, and why"
          text="Choose two or more runs above. You see what differs in their settings, their held-out results and their curves on one axis; the first one is the baseline."
        />
      ) : (
        <Stack gap="lg">
          <Paper p="md">
            <Stack gap="xs">
              <Switch
                label="Differences only"
                checked={onlyDifferent}
                onChange={(event) => setOnlyDifferent(event.currentTarget.checked)}
              />
              <ConfigTable snapshots={snapshots} onlyDifferent={onlyDifferent} />
            </Stack>
          </Paper>
          <Paper p="md">
            <Text component="h2" fw={600} m={0} mb="xs">
              Held-out results
            </Text>
            <Results snapshots={snapshots} />
          </Paper>
          <Grid>
            {(['loss', 'strongLoss', 'strongMargin', 'gradientAmplification'] as const).map(
              (metric) => (
                <Grid.Col key={metric} span={{ base: 12, md: 6 }}>
                  <CompareChart snapshots={snapshots} metric={metric} />
                </Grid.Col>
              ),
            )}
          </Grid>
        </Stack>
      )}
    </Page>
  );
}
