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

export function ResultsTable({ results }: { results: EvaluationResult[] }) {
  const baseline = results.find(({ model }) => /baseline|sft\+|continued/i.test(model));
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
            <Table.Th ta="right">against the baseline</Table.Th>
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
