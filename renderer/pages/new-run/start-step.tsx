/** Where a run starts from: a preset, an earlier run, a YAML file, or nothing. */
import { Button, Group, Paper, Select, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { act } from '../../bridge/actions.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import { Failure } from '../../components/failure.tsx';
import { draftFrom, emptyDraft } from '../../state/draft.ts';
import type { Draft, WizardStep } from '../../state/draft.ts';
import { useShared } from '../../state/store.ts';

interface Props {
  onChoose: (draft: Draft, then: WizardStep) => void;
}

function Choice({ title, text, onClick }: { title: string; text: string; onClick: () => void }) {
  return (
    <Paper p="md" style={{ display: 'flex', flexDirection: 'column' }}>
      <Text fw={600} mb={4}>
        {/* Names such as Qwen3-4B stay on one line. */}
        {title.replaceAll(/(?<=\w)-(?=\w)/g, '\u2011')}
      </Text>
      <Text size="sm" c="dimmed" mb="md" style={{ flex: 1 }}>
        {text}
      </Text>
      <Button variant="light" onClick={onClick} aria-label={`Use: ${title}`}>
        Use
      </Button>
    </Paper>
  );
}

export function StartStep({ onChoose }: Props) {
  const presets = useRequest('presets.list', {});
  const { runs } = useShared();
  const [yaml, setYaml] = useState('');
  const readYaml = async (): Promise<void> => {
    const config = await act('config.read', { yaml });
    if (config !== null) onChoose(draftFrom(config), 'review');
  };
  const duplicate = async (runId: string | null): Promise<void> => {
    if (runId === null) return;
    const config = await act('runs.duplicate', { runId });
    if (config !== null) onChoose(draftFrom(config), 'review');
  };
  return (
    <Stack gap="xl">
      {presets.error !== null && <Failure error={presets.error} />}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <Choice
          title="Own model and data"
          text="Any dense Qwen3 folder in Hugging Face layout and a JSONL, CSV or parquet file; the paper’s settings to start with."
          onClick={() => onChoose(emptyDraft(), 'model')}
        />
        {presets.data?.map((preset) => (
          <Choice
            key={preset.name}
            title={preset.title}
            text={preset.description}
            onClick={() => {
              const own = typeof preset.config.model !== 'string' || preset.config.model === '';
              onChoose(draftFrom(preset.config), own ? 'model' : 'review');
            }}
          />
        ))}
      </SimpleGrid>
      <Group align="flex-start" grow preventGrowOverflow={false} gap="xl">
        <Select
          label="From an earlier run"
          description="Its configuration, with a new name"
          placeholder={runs === null || runs.length === 0 ? 'No run yet' : 'Choose a run'}
          disabled={runs === null || runs.length === 0}
          data={(runs ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={null}
          onChange={(value) => void duplicate(value)}
          searchable
        />
        <Stack gap="sm">
          <Textarea
            label="From YAML"
            description="The file that wds run --config takes"
            placeholder={'model: /models/qwen3-4b\ndata:\n  file: /data/train.jsonl'}
            minRows={4}
            autosize
            maxRows={12}
            value={yaml}
            onChange={(event) => setYaml(event.currentTarget.value)}
            spellCheck={false}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          />
          <Group>
            <Button variant="default" disabled={yaml.trim() === ''} onClick={() => void readYaml()}>
              Read YAML
            </Button>
          </Group>
        </Stack>
      </Group>
    </Stack>
  );
}
