/** How well each model answers: accuracy with its interval drawn, and the paired difference. */
import { Paper, Table, Text, Tooltip, useComputedColorScheme } from '@mantine/core';
import type { ComparedModel, ComparedEvaluation } from '../../../main/contract/comparison.ts';
import { roleOfModel } from '../../components/chart/compare-chart.tsx';
import { count, lastPart, percent, significant } from '../../state/numbers.ts';
import { dataColors } from '../../theme.ts';

function points(share: number): string {
  const value = Math.abs(share * 100).toFixed(1);
  return `${share > 0 ? '+' : share < 0 ? '−' : '±'}${value}`;
}

function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(p < 0.1 ? 3 : 2);
}

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

export function ModelName({ model, index }: { model: ComparedModel; index: number }) {
  const scheme = useComputedColorScheme('light');
  return (
    <span className="model-name" title={`${model.label}\n${model.folder ?? ''}`}>
      <span className="model-dot" style={{ background: dataColors[roleOfModel(index)][scheme] }} />
      <span className="ellipsis">{model.label}</span>
    </span>
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
        Answers
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
            <Table.Th w={180} ta="right">
              Difference
            </Table.Th>
            <Table.Th w={76} ta="right">
              <Tooltip label="McNemar’s exact test, two-sided: how often chance alone gives a split as uneven as this one">
                <span>p</span>
              </Tooltip>
            </Table.Th>
            <Table.Th w={64} ta="right">
              Fixed
            </Table.Th>
            <Table.Th w={64} ta="right">
              Broken
            </Table.Th>
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
            const pair = paired[index];
            const clear = pair ? pair.pValue < 0.05 : false;
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
                <Table.Td ta="right" fw={clear ? 600 : 400}>
                  {pair
                    ? `${points(pair.difference)} [${points(pair.low)}, ${points(pair.high)}]`
                    : index === 0
                      ? 'baseline'
                      : '–'}
                </Table.Td>
                <Table.Td ta="right" fw={clear ? 600 : 400}>
                  {pair ? probability(pair.pValue) : '–'}
                </Table.Td>
                <Table.Td ta="right">{count(pair?.fixed)}</Table.Td>
                <Table.Td ta="right">{count(pair?.broken)}</Table.Td>
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
