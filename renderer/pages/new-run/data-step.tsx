/** Which data, how its columns are read, and what becomes of it before anything is trained. */
import {
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
  Textarea,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { DataConfig } from '../../../main/contract/config.ts';
import { DataPreviewPanel } from '../../components/data-preview.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useShared } from '../../state/store.ts';
import type { StepProps } from './step-props.ts';

const columnNames = ['messages', 'prompt', 'input', 'completion', 'id'] as const;
export const dataExtensions = ['jsonl', 'json', 'zst', 'csv', 'parquet'];

export function DataStep({ draft, change }: StepProps) {
  const recent = useShared().settings?.recentDataFiles ?? [];
  const changeData = (part: Partial<DataConfig>): void =>
    change({ data: { ...draft.data, ...part } });
  const setColumn = (name: (typeof columnNames)[number], text: string): void => {
    const { [name]: _old, ...others } = draft.data.columns;
    changeData({ columns: text === '' ? others : { ...others, [name]: text } });
  };
  const heldOut = draft.evaluation.heldOut ?? '';
  const [settled] = useDebouncedValue(draft, 400);
  const ready = settled.model !== '' && settled.data.file !== '';
  const overlapFile = settled.evaluation.heldOut;
  return (
    <Stack>
      <PathField
        label="Training data"
        description="JSONL (also .zst), CSV or parquet: messages, prompt + completion, instruction + output, question + answer"
        kind="file"
        extensions={dataExtensions}
        value={draft.data.file}
        recent={recent}
        onChange={(file) => changeData({ file })}
      />
      <PathField
        label="Held-out data"
        description="Optional: measured after each phase, never trained on"
        kind="file"
        extensions={dataExtensions}
        value={heldOut}
        recent={recent}
        onChange={(file) => {
          const { heldOut: _old, ...others } = draft.evaluation;
          change({ evaluation: file === '' ? others : { ...others, heldOut: file } });
        }}
      />
      <SimpleGrid cols={{ base: 2, md: 5 }}>
        {columnNames.map((name) => (
          <TextInput
            key={name}
            label={`Column: ${name}`}
            placeholder="recognised"
            value={draft.data.columns[name] ?? ''}
            onChange={(event) => setColumn(name, event.currentTarget.value)}
          />
        ))}
      </SimpleGrid>
      <Group align="flex-end">
        <NumberInput
          w={160}
          label="Maximum length"
          min={16}
          thousandSeparator=","
          value={draft.batch.maxLength}
          onChange={(value) =>
            typeof value === 'number' && change({ batch: { ...draft.batch, maxLength: value } })
          }
        />
        <Select
          w={220}
          label="Loss on"
          allowDeselect={false}
          data={[
            { value: 'completion', label: 'the completion only' },
            { value: 'all', label: 'every token (reference)' },
          ]}
          value={draft.lossOn}
          onChange={(value) => change({ lossOn: value === 'all' ? 'all' : 'completion' })}
        />
        <Switch
          pb={7}
          label="Leave out rows that cannot be read"
          checked={draft.data.skipInvalid}
          onChange={(event) => changeData({ skipInvalid: event.currentTarget.checked })}
        />
      </Group>
      <Textarea
        label="System prompt"
        placeholder="none"
        autosize
        minRows={1}
        maxRows={6}
        value={draft.data.systemPrompt ?? ''}
        onChange={(event) => {
          const text = event.currentTarget.value;
          changeData({ systemPrompt: text === '' ? null : text });
        }}
      />
      <DataPreviewPanel
        input={
          ready
            ? {
                model: settled.model,
                data: settled.data,
                maxLength: settled.batch.maxLength,
                lossOn: settled.lossOn,
                ...(overlapFile === undefined ? {} : { heldOut: overlapFile }),
              }
            : null
        }
      />
    </Stack>
  );
}
