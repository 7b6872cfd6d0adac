/** How well each model answers: accuracy with its interval drawn, and the paired difference. */
import { Paper, Table, Text, useComputedColorScheme } from '@mantine/core';
import type { ComparedModel, ComparedEvaluation } from '../../../main/contract/comparison.ts';
import { roleOfModel } from '../../components/chart/compare-chart.tsx';
import { count, lastPart, percent, significant } from '../../state/numbers.ts';
import { dataColors } from '../../theme.ts';
import { ModelName } from './compared-name.tsx';
import { DifferenceCells, DifferenceHeads } from './difference-cells.tsx';

/** Dot and 95 % interval on a scale that all rows share. */
function Interval(props: {
  low: number;
  at: number;
  high: number;
  range: [number, number];
  color: string;
}) {
  const { low, at, high, range, color } = props;
  const x = (share: number): string =>
    `${(100 * (share - range[0])) / (range[1] - range[0] || 1)}%`;
  return (
    <svg width="100%" height="16" aria-hidden style={{ display: 'block', overflow: 'visible' }}>
      <line x1="0" x2="100%" y1="8" y2="8" stroke="var(--hairline)" />
      <line x1={x(low)} x2={x(high)} y1="8" y2="8" stroke={color} strokeWidth="2" />
      <circle cx={x(at)} cy="8" r="4" fill={color} />
    </svg>
  );
}

export function ScoresCard(props: { models: ComparedModel[]; evaluation: ComparedEvaluation }) {
  const { models, evaluation } = props;
  const scheme = useComputedColorScheme('light');
  const { scores, paired, file, source } = evaluation;
  const bounds = scores.flatMap((score) =>
    [score?.accuracyLow ?? [], score?.accuracyHigh ?? []].flat(),
  );
  const range: [number, number] = [Math.min(...bounds), Math.max(...bounds)];
  return (
    <Paper p="md">
      <Text component="h2" fw={600} m={0}>
        Held-out answers
      </Text>
      <Text size="sm" c="dimmed" mb="xs">
        {`Greedy answers to ${lastPart(file)}${source === 'runs' ? ', as the runs evaluated them' : ''}. Differences are in percentage points from the first model, on the same items.`}
      </Text>
      <Table aria-label="Answers by model" layout="fixed" miw={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th w={92} ta="right">
              Accuracy
            </Table.Th>
            <Table.Th w={180}>95 % interval</Table.Th>
            <DifferenceHeads test="mcnemar" />
            <Table.Th w={76} ta="right">
              Loss
            </Table.Th>
            <Table.Th w={76} ta="right">
              Entropy
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model, index) => {
            const score = scores[index];
            return (
              <Table.Tr key={model.label}>
                <Table.Td>
                  <ModelName model={model} index={index} />
                </Table.Td>
                <Table.Td
                  ta="right"
                  fw={600}
                  title={score ? `${count(score.correct)} of ${count(score.items)}` : ''}
                >
                  {percent(score?.accuracy)}
                </Table.Td>
                <Table.Td px="lg">
                  {score?.accuracy !== undefined && (
                    <Interval
                      low={score.accuracyLow ?? score.accuracy}
                      at={score.accuracy}
                      high={score.accuracyHigh ?? score.accuracy}
                      range={range}
                      color={dataColors[roleOfModel(index)][scheme]}
                    />
                  )}
                </Table.Td>
                <DifferenceCells pair={paired[index] ?? null} isBaseline={index === 0} />
                <Table.Td ta="right">{significant(score?.loss)}</Table.Td>
                <Table.Td ta="right">{significant(score?.entropy)}</Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {paired.some((pair) => pair && pair.pValue >= 0.05 && pair.itemsNeeded !== undefined) && (
        <Text size="sm" c="dimmed" mt="xs">
          {paired
            .flatMap((pair, index) =>
              pair && pair.pValue >= 0.05 && pair.itemsNeeded !== undefined
                ? [
                    `${models[index]?.label}: a difference as small as this one would need about ${count(pair.itemsNeeded)} items to show.`,
                  ]
                : [],
            )
            .join(' ')}
        </Text>
      )}
    </Paper>
  );
}
