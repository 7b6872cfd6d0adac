/** Held-out results of every model of a run; differences are against plain SFT at equal steps. */
import { Paper, Table, Text } from '@mantine/core';
import type { EvaluationResult } from '../../main/contract/events.ts';
import { count, percent, significant } from '../state/numbers.ts';

function difference(value: number | undefined, from: number | undefined): string {
  if (value === undefined || from === undefined) return '–';
  const points = (value - from) * 100;
  return `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} pp`;
}

function interval(result: EvaluationResult): string {
  const { accuracyLow, accuracyHigh } = result;
  if (accuracyLow === undefined || accuracyHigh === undefined) return '–';
  return `${percent(accuracyLow)} – ${percent(accuracyHigh)}`;
}

/** Small measurements at checkpoints ("sft step 64") are for the lineage, not for this table. */
export function isFinalResult({ model }: EvaluationResult): boolean {
  return !/ step \d+$/.test(model);
}

export function ResultsTable({ results: all }: { results: EvaluationResult[] }) {
  const results = all.filter(isFinalResult);
  const baseline = results.find(({ model }) => model === 'baseline');
  if (results.length === 0) return null;
  return (
    <Paper p="md">
      <Text component="h2" fw={600} m={0} mb="xs">
        Held-out results
      </Text>
      <Table aria-label="Held-out results">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th ta="right">Accuracy</Table.Th>
            <Table.Th ta="right">95 % interval</Table.Th>
            <Table.Th ta="right">Against the baseline</Table.Th>
            <Table.Th ta="right">Loss</Table.Th>
            <Table.Th ta="right">Items</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {results.map((result) => (
            <Table.Tr key={result.model}>
              <Table.Td>{result.model}</Table.Td>
              <Table.Td ta="right" fw={600}>
                {percent(result.accuracy)}
              </Table.Td>
              <Table.Td ta="right">{interval(result)}</Table.Td>
              <Table.Td ta="right">
                {result === baseline ? 'baseline' : difference(result.accuracy, baseline?.accuracy)}
              </Table.Td>
              <Table.Td ta="right">{significant(result.loss)}</Table.Td>
              <Table.Td ta="right">{count(result.items)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
