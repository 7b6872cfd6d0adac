/** What a run will cost on this machine: memory by part, time by stage, disk; and what would help. */
import { Alert, Group, Paper, Progress, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useRequest } from '../bridge/use-request.ts';
import { bytes, count, duration } from '../state/numbers.ts';
import type { Draft } from '../state/draft.ts';
import { Failure } from './failure.tsx';
import { Figure } from './figure.tsx';
import { stageLabels } from './phase-timeline.tsx';

const partColors = ['indigo', 'teal', 'orange', 'grape', 'cyan', 'pink', 'lime', 'gray'];

export function PlanPanel({ draft }: { draft: Draft | null }) {
  const { data, error, loading } = useRequest(
    'plan',
    draft === null ? null : { config: { ...draft } },
  );
  if (draft === null) {
    return (
      <Text size="sm" c="dimmed">
        The plan of memory, time and disk appears once a model and a data file are chosen.
      </Text>
    );
  }
  if (error !== null) return <Failure error={error} />;
  if (data === null) return loading ? <Skeleton h={130} /> : null;
  const room = Math.max(data.memoryBytes, data.memoryAvailableBytes);
  const fits = data.memoryBytes <= data.memoryAvailableBytes;
  return (
    <Stack data-plan>
      <Paper p="md">
        <SimpleGrid cols={4} mb="md">
          <Figure
            label="Peak memory"
            value={bytes(data.memoryBytes)}
            {...(fits ? {} : { color: 'red' })}
          />
          <Figure label="Memory available" value={bytes(data.memoryAvailableBytes)} />
          <Figure
            label="Training time"
            value={data.seconds === undefined ? 'not known yet' : `about ${duration(data.seconds)}`}
          />
          <Figure label={`Disk, ${bytes(data.diskFreeBytes)} free`} value={bytes(data.diskBytes)} />
        </SimpleGrid>
        <Progress.Root size="lg" aria-label="Memory by part">
          {data.memory.map(({ part, bytes: size }, index) => (
            <Progress.Section
              key={part}
              value={(size / room) * 100}
              color={partColors[index % partColors.length] ?? 'gray'}
              aria-label={part}
            />
          ))}
        </Progress.Root>
        <Group gap="2px 12px" mt="xs">
          {data.memory.map(({ part, bytes: size }, index) => (
            <Group key={part} gap={6}>
              <svg width="8" height="8" aria-hidden>
                <rect
                  width="8"
                  height="8"
                  rx="2"
                  fill={`var(--mantine-color-${partColors[index % partColors.length]}-6)`}
                />
              </svg>
              <Text size="xs" c="dimmed">{`${part} ${bytes(size)}`}</Text>
            </Group>
          ))}
        </Group>
        <Text size="sm" c="dimmed" mt="sm">
          {data.stages
            .map(({ stage, steps, seconds }) => {
              const time = seconds === undefined ? '' : `, ${duration(seconds)}`;
              return `${stageLabels[stage]}: ${count(steps)} steps${time}`;
            })
            .join(' · ')}
        </Text>
        <Text size="xs" c="dimmed" mt={4}>
          {data.timeSource === undefined
            ? 'The time is not known before a run with a model of this shape has trained on this machine.'
            : `The time is ${data.timeSource}. Measuring and evaluating come on top.`}
        </Text>
      </Paper>
      {!fits && <Alert color="red" title="More memory than this machine has" />}
      {data.advice.map(({ text, saves }) => (
        <Alert key={text} color="yellow" variant="light" title={text}>
          {saves === undefined ? '' : `saves about ${bytes(saves)}`}
        </Alert>
      ))}
    </Stack>
  );
}
