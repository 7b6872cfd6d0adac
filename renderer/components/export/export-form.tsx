/** Format, type of the weights and target of an export; formats that there are not say why. */
import { Button, Group, Radio, Select, Skeleton, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ErrorDetails } from '../../../main/contract/errors.ts';
import type {
  ExportChoices,
  ExportDtype,
  ModelFormat,
} from '../../../main/contract/model-export.ts';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { exportFolderName, hideExport } from '../../state/model-export.ts';
import { Failure } from '../failure.tsx';
import { PathField } from '../path-field.tsx';

export type ExportOrder = Omit<RequestInput<'model.export'>, 'id' | 'checkpoint'>;

const formatTexts: Record<ModelFormat, { label: string; what: string }> = {
  hf: {
    label: 'Hugging Face folder',
    what: 'Weights, config and tokenizer in a folder that transformers loads.',
  },
  peft: {
    label: 'PEFT adapter',
    what: 'The LoRA adapter alone: small, but whoever loads it needs the same base model.',
  },
  merged: {
    label: 'Merged model',
    what: 'The adapter folded into its base: a whole model that transformers loads without PEFT.',
  },
  gguf: {
    label: 'GGUF',
    what: 'One file for llama.cpp and programs built on it, with tokenizer and chat template.',
  },
};

const dtypeLabels: Record<ExportDtype, string> = {
  f32: 'F32: 4 bytes per weight',
  f16: 'F16: 2 bytes per weight',
  bf16: 'BF16: 2 bytes per weight, coarser, wider range',
  q8_0: 'Q8_0: about 1 byte per weight, rounded',
};

/** Where the last one went. */
let lastFolder = '';

interface Props {
  checkpoint: string;
  error: ErrorDetails | null;
  onStart: (order: ExportOrder) => void;
}

export function ExportForm({ checkpoint, error, onStart }: Props) {
  const choices = useRequest('model.exportChoices', { checkpoint });
  if (choices.error !== null) return <Failure error={choices.error} />;
  if (choices.data === null) return <Skeleton h={320} aria-busy="true" />;
  return <Fields choices={choices.data} error={error} onStart={onStart} />;
}

function Fields({
  choices,
  error,
  onStart,
}: Omit<Props, 'checkpoint'> & { choices: ExportChoices }) {
  const [format, setFormat] = useState(
    () => choices.formats.find(({ problem }) => problem === null)?.format ?? 'gguf',
  );
  const [chosenType, setChosenType] = useState<ExportDtype | ''>('');
  const [folder, setFolder] = useState(lastFolder);
  const [ownName, setOwnName] = useState<string | null>(null);
  const [baseId, setBaseId] = useState(choices.baseId ?? '');
  const dtype = chosenType === 'q8_0' && format !== 'gguf' ? '' : chosenType;
  const folderName = ownName ?? exportFolderName(choices.name, format, dtype);
  const types = (Object.keys(dtypeLabels) as ExportDtype[]).filter(
    (type) => type !== 'q8_0' || format === 'gguf',
  );
  const start = (): void => {
    lastFolder = folder;
    onStart({
      format,
      folder,
      folderName,
      ...(dtype !== '' && { dtype }),
      ...(baseId !== '' && { baseId }),
    });
  };
  return (
    <Stack gap="md">
      <Radio.Group
        label="Format"
        value={format}
        onChange={(next) => setFormat(next as ModelFormat)}
      >
        <Stack gap={10} mt={6}>
          {choices.formats.map(({ format: each, problem }) => (
            <Radio
              key={each}
              size="xs"
              value={each}
              disabled={problem !== null}
              label={formatTexts[each].label}
              description={problem ?? formatTexts[each].what}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Group grow gap="md" align="flex-start">
        <Select
          label="Type of the weights"
          value={dtype}
          data={[
            { value: '', label: 'As they are stored' },
            ...types.map((value) => ({ value, label: dtypeLabels[value] })),
          ]}
          allowDeselect={false}
          onChange={(next) => setChosenType((next ?? '') as ExportDtype | '')}
        />
        <TextInput
          label="Published base model (optional)"
          placeholder="Qwen/Qwen3-4B"
          value={baseId}
          onChange={(event) => setBaseId(event.currentTarget.value.trim())}
          spellCheck={false}
        />
      </Group>
      <PathField
        label="Target folder"
        kind="folder"
        value={folder}
        recent={[]}
        onChange={setFolder}
      />
      <TextInput
        label="New folder in it"
        description="Nothing is written over: the folder must be new or empty."
        value={folderName}
        onChange={(event) => setOwnName(event.currentTarget.value)}
        spellCheck={false}
      />
      {error !== null && <Failure error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={hideExport}>
          Close
        </Button>
        <Button disabled={folder === '' || folderName === ''} onClick={start}>
          Export
        </Button>
      </Group>
    </Stack>
  );
}
