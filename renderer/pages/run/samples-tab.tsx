/** What the model wrote during training, newest first, beside what was expected. */
import { Badge, Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core';
import { EmptyState } from '../../components/empty-state.tsx';
import { stageLabels } from '../../components/phase-timeline.tsx';
import type { RunState } from '../../state/run-state.ts';

export function SamplesTab({ state }: { state: RunState }) {
  if (state.samples.length === 0) {
    return (
      <EmptyState
        title="No samples"
        text="At every checkpoint the model answers a few short held-out prompts. A run without held-out data has none; what the finished models answered is under Answers."
      />
    );
  }
  return (
    <Stack gap="md" className="measure">
      {[...state.samples].reverse().map((sample) => (
        <Paper key={`${sample.stage}-${sample.step}-${sample.prompt}`} p="md">
          <Group gap="sm" mb="xs">
            <Badge variant="light" size="sm" tt="none">
              {`${stageLabels[sample.stage]}, step ${sample.step}`}
            </Badge>
          </Group>
          <Text className="mono selectable" c="dimmed" style={{ whiteSpace: 'pre-wrap' }}>
            {sample.prompt}
          </Text>
          <SimpleGrid cols={sample.expected === undefined ? 1 : 2} mt="sm">
            <div>
              <Text size="xs" c="dimmed">
                Answer
              </Text>
              <Text className="mono selectable" style={{ whiteSpace: 'pre-wrap' }}>
                {sample.text}
              </Text>
            </div>
            {sample.expected !== undefined && (
              <div>
                <Text size="xs" c="dimmed">
                  Expected
                </Text>
                <Text className="mono selectable" style={{ whiteSpace: 'pre-wrap' }}>
                  {sample.expected}
                </Text>
              </div>
            )}
          </SimpleGrid>
        </Paper>
      ))}
    </Stack>
  );
}
