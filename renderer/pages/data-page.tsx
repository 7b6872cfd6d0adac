/** Any data file through any model's tokenizer and template, without a run. */
import { Group, NumberInput, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { DataPreviewPanel } from '../components/data-preview.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Page } from '../components/page.tsx';
import { PathField } from '../components/path-field.tsx';
import { emptyDraft } from '../state/draft.ts';
import { useShared } from '../state/store.ts';
import { dataExtensions } from './new-run/data-step.tsx';

export function DataPage() {
  const { settings, runs } = useShared();
  const last = runs?.[0];
  const [model, setModel] = useState(last?.model ?? '');
  const [file, setFile] = useState(last?.dataFile ?? '');
  const [maxLength, setMaxLength] = useState(4096);
  const [asked] = useDebouncedValue({ model, file, maxLength }, 400);
  const ready = asked.model !== '' && asked.file !== '';
  return (
    <Page title="Data">
      <Stack>
        <PathField
          label="Data file"
          kind="file"
          extensions={dataExtensions}
          value={file}
          recent={settings?.recentDataFiles ?? []}
          onChange={setFile}
        />
        <Group align="flex-end" wrap="nowrap">
          <div style={{ flex: 1 }}>
            <PathField
              label="Model folder"
              kind="folder"
              value={model}
              recent={settings?.recentModels ?? []}
              onChange={setModel}
            />
          </div>
          <NumberInput
            w={140}
            label="Maximum length"
            min={16}
            thousandSeparator=","
            value={maxLength}
            onChange={(value) => typeof value === 'number' && setMaxLength(value)}
          />
        </Group>
        {ready ? (
          <DataPreviewPanel
            input={{
              model: asked.model,
              data: { ...emptyDraft().data, file: asked.file, skipInvalid: true },
              maxLength: asked.maxLength,
              lossOn: 'completion',
              rows: 20,
            }}
          />
        ) : (
          <EmptyState
            title="See your data as the model sees it"
            text="Choose a data file and the model whose tokenizer and template are to render it. You get token lengths, what would be cut, duplicates, and every token the loss looks at."
          />
        )}
      </Stack>
    </Page>
  );
}
