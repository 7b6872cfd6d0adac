/** What was recognised in a model folder, or why it was refused. */
import { Group, Paper, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useRequest } from '../bridge/use-request.ts';
import { bytes, count } from '../state/numbers.ts';
import { Failure } from './failure.tsx';
import { Figure } from './figure.tsx';

function parameters(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} B`;
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} M` : count(value);
}

export function ModelFactsPanel({ path }: { path: string }) {
  const { data, error, loading } = useRequest('model.inspect', path === '' ? null : { path });
  if (path === '') return null;
  if (error !== null) return <Failure error={error} />;
  if (data === null) return loading ? <Skeleton h={120} /> : null;
  if (!data.recognised) {
    return (
      <Stack gap="sm">
        {data.problems.map((problem) => (
          <Failure key={problem.message} error={problem} />
        ))}
      </Stack>
    );
  }
  const { model } = data;
  return (
    <Paper p="md" data-recognised>
      <Group gap="xs" mb="md">
        <IconCheck size={16} color="var(--mantine-color-teal-6)" />
        <Text fw={600}>{`${model.architecture}, ${parameters(model.parameters)} parameters`}</Text>
      </Group>
      <SimpleGrid cols={{ base: 3, md: 5 }} spacing="md">
        <Figure label="Layers" value={count(model.layers)} />
        <Figure label="Hidden size" value={count(model.hiddenSize)} />
        <Figure label="MLP size" value={count(model.intermediateSize)} />
        <Figure
          label="Heads (query / KV)"
          value={`${model.attentionHeads} / ${model.keyValueHeads}`}
        />
        <Figure label="Head dimension" value={count(model.headDimension)} />
        <Figure label="Vocabulary" value={count(model.vocabularySize)} />
        <Figure label="Output head" value={model.tiedHead ? 'tied' : 'own'} />
        <Figure label="Weights" value={model.weightType} />
        <Figure label="On disk" value={bytes(model.bytes)} note={`${model.shards} files`} />
        <Figure label="Template" value={model.hasChatTemplate ? 'chat' : 'none'} />
      </SimpleGrid>
    </Paper>
  );
}
