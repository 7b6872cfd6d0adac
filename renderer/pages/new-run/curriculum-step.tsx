/** How often joint training sees each sample; previewed on the entropies an earlier run measured. */
import { Group, NumberInput, Paper, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { CurriculumSliders } from '../../components/curriculum-sliders.tsx';
import { CurriculumView } from '../../components/curriculum-view.tsx';
import { WhyNote } from '../../components/why-note.tsx';
import { useShared } from '../../state/store.ts';
import type { StepProps } from './step-props.ts';

export function CurriculumStep({ draft, change }: StepProps) {
  const { runs } = useShared();
  const measured = (runs ?? []).filter(({ hasEntropies }) => hasEntropies);
  const same = measured.find(({ dataFile }) => dataFile === draft.data.file);
  const [source, setSource] = useState<string | null>(same?.id ?? measured[0]?.id ?? null);
  const { curriculum } = draft;
  const set = (part: Partial<typeof curriculum>): void =>
    change({ curriculum: { ...curriculum, ...part } });
  const chosen = measured.find(({ id }) => id === source);
  return (
    <Stack>
      <WhyNote id="curriculum-step">
        After SFT every sample is weighted by how its entropy moved, and joint training draws its
        samples by these weights, with replacement.
      </WhyNote>
      <Group align="flex-end">
        <Select
          w={280}
          label="Preview on the entropies of"
          placeholder="No run has measured entropies yet"
          disabled={measured.length === 0}
          data={measured.map(({ id, name }) => ({ value: id, label: name }))}
          value={source}
          onChange={setSource}
        />
        <NumberInput
          w={130}
          label="Samples drawn ×"
          min={0.01}
          step={0.1}
          value={curriculum.multiplier}
          onChange={(value) => typeof value === 'number' && value > 0 && set({ multiplier: value })}
        />
        <NumberInput
          w={110}
          label="Seed"
          min={0}
          value={curriculum.seed}
          onChange={(value) => typeof value === 'number' && set({ seed: value })}
        />
        <Select
          w={230}
          label="Entropy at the position"
          allowDeselect={false}
          data={[
            { value: 'predicting', label: 'that predicts the token' },
            { value: 'reference', label: 'of the token (reference)' },
          ]}
          value={curriculum.entropyAlignment}
          onChange={(value) =>
            set({ entropyAlignment: value === 'reference' ? 'reference' : 'predicting' })
          }
        />
      </Group>
      {chosen !== undefined && chosen.dataFile !== draft.data.file && draft.data.file !== '' && (
        <Text size="sm" c="dimmed">
          {`${chosen.name} was measured on other data: take the preview as an example.`}
        </Text>
      )}
      {source === null ? (
        <Paper p="md" maw={420}>
          <CurriculumSliders
            value={curriculum}
            shares={undefined}
            onChange={(value) => change({ curriculum: value })}
          />
          <Text size="sm" c="dimmed" mt="md">
            The weights are computed once this run has measured both entropies. A live preview needs
            a run that has measured them already.
          </Text>
        </Paper>
      ) : (
        <CurriculumView
          runId={source}
          value={curriculum}
          onChange={(value) => change({ curriculum: value })}
        />
      )}
    </Stack>
  );
}
