/** Which model is trained: a folder in Hugging Face layout, checked as soon as it is named. */
import { Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { ModelFactsPanel } from '../../components/model-facts.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useShared } from '../../state/store.ts';
import type { StepProps } from './step-props.ts';

export function ModelStep({ draft, change }: StepProps) {
  const recent = useShared().settings?.recentModels ?? [];
  const [settled] = useDebouncedValue(draft.model, 250);
  return (
    <Stack>
      <PathField
        label="Model folder"
        description="config.json, tokenizer.json and safetensors of a dense Qwen3"
        kind="folder"
        value={draft.model}
        recent={recent}
        onChange={(model) => change({ model })}
      />
      <ModelFactsPanel path={settled} />
    </Stack>
  );
}
