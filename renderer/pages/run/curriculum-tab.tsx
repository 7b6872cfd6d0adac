/** The entropies this run measured and the curriculum made of them; the sliders ask "what if". */
import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { RunConfig } from '../../../main/contract/config.ts';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { CurriculumView } from '../../components/curriculum-view.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { WhyNote } from '../../components/why-note.tsx';
import type { RunState } from '../../state/run-state.ts';

interface Props {
  run: RunSummary;
  state: RunState;
  config: RunConfig;
}

export function CurriculumTab({ run, state, config }: Props) {
  const [, go] = useLocation();
  const [value, setValue] = useState(config.curriculum);
  const measured = (['entropy-0', 'entropy-1'] as const).every((name) => {
    const { status } = state.stages[name];
    return status === 'done' || status === 'cached';
  });
  if (!measured && !run.hasEntropies) {
    return (
      <EmptyState
        title="Not measured yet"
        text="The entropy of every sample under the base and under m1 is measured before and after SFT. Then this page shows which samples were uncertain, learned or forgotten, and how often each is drawn."
      />
    );
  }
  const changed = JSON.stringify(value) !== JSON.stringify(config.curriculum);
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <WhyNote id="curriculum">
          Samples whose entropy moved between two checkpoints tell more than samples that stayed
          where they were. The weights decide how often joint training sees each one.
        </WhyNote>
        {changed && (
          <Group gap="sm">
            <Text size="sm" c="dimmed">
              What if: this run used other weights.
            </Text>
            <Button variant="default" onClick={() => setValue(config.curriculum)}>
              Back to this run’s
            </Button>
            <Button
              variant="light"
              onClick={() => go(`/new/${run.id}/${value.alpha},${value.beta},${value.gamma}`)}
            >
              New run with these
            </Button>
          </Group>
        )}
      </Group>
      <CurriculumView runId={run.id} value={value} onChange={setValue} />
    </Stack>
  );
}
