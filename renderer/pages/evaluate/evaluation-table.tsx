/** Finished evaluations; those of the same questions under the same settings stand together. */
import { Anchor, Group, Paper, Stack, Table, Text, Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import type { FinishedEvaluation } from '../../../main/contract/evaluation-jobs.ts';
import { IntervalMark } from '../../components/interval-mark.tsx';
import { absoluteTime, ago, count, duration, lastPart, percent } from '../../state/numbers.ts';
import { modelName } from '../../state/model-name.ts';

/** Same items asked in the same way: only then do scores belong into one table. */
function groupKey({ summary }: FinishedEvaluation): string {
  const { task, data, settings, samples } = summary;
  return JSON.stringify([task.sha256, data.sha256, settings, samples]);
}

function settingsText({ summary }: FinishedEvaluation): string {
  const { settings, data, samples, items } = summary;
  const sampling =
    settings.temperature === 0
      ? 'greedy'
      : `temperature ${settings.temperature}, ${samples} samples`;
  return `${lastPart(data.file)}, ${count(items)} items, ${sampling}, at most ${count(settings.maxNewTokens)} new tokens, ${settings.precision}`;
}

function Row({ evaluation }: { evaluation: FinishedEvaluation }) {
  const { id, summary } = evaluation;
  const { model, mean, passAt, cutOff, withoutAnswer, seconds, finished } = summary;
  const path = model.adapter ?? model.path;
  return (
    <Table.Tr data-finished={id}>
      <Table.Td>
        <Tooltip label={path}>
          <Anchor component={Link} href={`/evaluate/${id}`} fw={600} size="md">
            {modelName(path)}
          </Anchor>
        </Tooltip>
      </Table.Td>
      <Table.Td ta="right" fw={600}>
        {percent(mean.value)}
      </Table.Td>
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <IntervalMark {...mean} />
          <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
            {`${percent(mean.low)} – ${percent(mean.high)}`}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td ta="right">
        {passAt.map(({ k, value }) => `pass@${k} ${percent(value)}`).join(', ') || '–'}
      </Table.Td>
      <Table.Td ta="right">{count(withoutAnswer)}</Table.Td>
      <Table.Td ta="right">{count(cutOff)}</Table.Td>
      <Table.Td ta="right">{duration(seconds)}</Table.Td>
      <Table.Td ta="right">
        <Tooltip label={absoluteTime(finished)}>
          <Text span size="sm" style={{ whiteSpace: 'nowrap' }}>
            {ago(finished, Date.now())}
          </Text>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  );
}

export function EvaluationTable({ finished }: { finished: FinishedEvaluation[] }) {
  const groups = new Map<string, FinishedEvaluation[]>();
  for (const evaluation of finished) {
    const key = groupKey(evaluation);
    groups.set(key, [...(groups.get(key) ?? []), evaluation]);
  }
  return (
    <Stack gap="md">
      {[...groups].map(([key, evaluations]) => (
        <Paper key={key} p="md">
          <Text component="h2" fw={600} m={0}>
            {evaluations[0]!.summary.task.title}
          </Text>
          <Text size="sm" c="dimmed" mb="xs">
            {settingsText(evaluations[0]!)}
          </Text>
          <Table aria-label={`Results on ${evaluations[0]!.summary.task.title}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Model</Table.Th>
                <Table.Th ta="right">Score</Table.Th>
                <Table.Th>95 % interval</Table.Th>
                <Table.Th ta="right">pass@k</Table.Th>
                <Table.Th ta="right">No answer</Table.Th>
                <Table.Th ta="right">Cut off</Table.Th>
                <Table.Th ta="right">Took</Table.Th>
                <Table.Th ta="right">Finished</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {evaluations.map((evaluation) => (
                <Row key={evaluation.id} evaluation={evaluation} />
              ))}
            </Table.Tbody>
          </Table>
        </Paper>
      ))}
    </Stack>
  );
}
