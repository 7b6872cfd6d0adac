/** The models on benchmarks, as the Evaluate page or `wds eval` has scored them; items on demand. */
import {
  Anchor,
  Button,
  Group,
  Paper,
  Skeleton,
  Stack,
  Table,
  Text,
  useComputedColorScheme,
} from '@mantine/core';
import { useState } from 'react';
import type {
  ComparedBenchmark,
  ComparedBenchmarkScore,
  ComparedModel,
} from '../../../main/contract/comparison.ts';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { roleOfModel } from '../../components/chart/compare-chart.tsx';
import { Failure } from '../../components/failure.tsx';
import { IntervalMark } from '../../components/interval-mark.tsx';
import { count, lastPart, percent } from '../../state/numbers.ts';
import { dataColors } from '../../theme.ts';
import { ItemsCard } from './items-card.tsx';
import { ModelName } from './compared-name.tsx';
import { DifferenceCells, DifferenceHeads } from './difference-cells.tsx';

function Score({ score, index }: { score: ComparedBenchmarkScore | null; index: number }) {
  const scheme = useComputedColorScheme('light');
  if (score === null)
    return (
      <Table.Td colSpan={3} c="dimmed">
        not evaluated
      </Table.Td>
    );
  const { value, low, high } = score.mean;
  const passes = score.passAt.map(({ k, value: pass }) => `pass@${k} ${percent(pass)}`);
  const tokens = `${count(score.cutOff)} cut off, ${count(score.withoutAnswer)} without an answer`;
  return (
    <>
      <Table.Td ta="right" fw={600} title={[...passes, tokens].join('; ')}>
        {percent(value)}
      </Table.Td>
      <Table.Td title={`${percent(low)} to ${percent(high)}`}>
        <IntervalMark {...score.mean} color={dataColors[roleOfModel(index)][scheme]} />
      </Table.Td>
      <Table.Td ta="right">
        {score.samples === 1 ? count(score.items) : `${count(score.items)} × ${score.samples}`}
      </Table.Td>
    </>
  );
}

interface BenchmarkProps {
  models: ComparedModel[];
  asked: RequestInput<'compare'>['models'];
  benchmark: ComparedBenchmark;
}

function Benchmark({ models, asked, benchmark }: BenchmarkProps) {
  const [open, setOpen] = useState(false);
  const { title, key, file, settings, scores, paired } = benchmark;
  const { data, error } = useRequest(
    'compare.items',
    open ? { models: asked, benchmark: key } : null,
  );
  const evaluated = scores.filter((score) => score !== null).length;
  const decoding =
    settings.temperature === 0
      ? 'greedy'
      : `temperature ${settings.temperature}, mean of ${settings.samples}`;
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <div>
          <Text component="h3" fw={600} m={0}>
            {title}
          </Text>
          <Text size="sm" c="dimmed">
            {`${lastPart(file)}, ${decoding}, at most ${count(settings.maxNewTokens)} new tokens`}
          </Text>
        </div>
        {evaluated > 1 && (
          <Button variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
            {open ? 'Hide the items' : 'Item by item'}
          </Button>
        )}
      </Group>
      <Table aria-label={`${title} by model`} layout="fixed" miw={860}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Model</Table.Th>
            <Table.Th w={92} ta="right">
              {settings.samples === 1 ? 'Accuracy' : `mean@${settings.samples}`}
            </Table.Th>
            <Table.Th w={160}>95 % interval</Table.Th>
            <Table.Th w={80} ta="right">
              n
            </Table.Th>
            <DifferenceHeads test={settings.samples === 1 ? 'mcnemar' : 'bootstrap'} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {models.map((model, index) => (
            <Table.Tr key={model.label}>
              <Table.Td>
                <ModelName model={model} index={index} />
              </Table.Td>
              <Score score={scores[index] ?? null} index={index} />
              <DifferenceCells pair={paired[index] ?? null} isBaseline={index === 0} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {error !== null && <Failure error={error} />}
      {open && data === null && error === null && <Skeleton h={160} mt="sm" />}
      {open && data !== null && (
        <ItemsCard
          models={models}
          items={data.items ?? []}
          itemsLeftOut={data.itemsLeftOut}
          title={`${title}, item by item`}
          picked={null}
        />
      )}
    </div>
  );
}

interface Props {
  models: ComparedModel[];
  asked: RequestInput<'compare'>['models'];
  benchmarks: ComparedBenchmark[];
}

export function BenchmarksCard({ models, asked, benchmarks }: Props) {
  const folders = models.flatMap(({ folder }) => folder ?? []);
  const address = `#/evaluate-model/${folders.map(encodeURIComponent).join(',')}`;
  return (
    <Paper p="md">
      <Text component="h2" fw={600} m={0} mb={4}>
        Benchmarks
      </Text>
      {benchmarks.length === 0 ? (
        <Text size="sm" c="dimmed">
          {'None of these models has been evaluated on a benchmark. '}
          <Anchor size="sm" href={address} underline="always">
            Evaluate them
          </Anchor>
        </Text>
      ) : (
        <Stack gap="lg">
          {benchmarks.map((benchmark) => (
            <Benchmark key={benchmark.key} models={models} asked={asked} benchmark={benchmark} />
          ))}
        </Stack>
      )}
    </Paper>
  );
}
