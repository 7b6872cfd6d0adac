/** Which models, on which benchmark, from which file, how: one evaluation for each model. */
import {
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Paper,
  Select,
  SimpleGrid,
  Stack,
  Text,
} from '@mantine/core';
import { useMemo, useState } from 'react';
import { benchmarkNames } from '../../../main/contract/evaluation.ts';
import { act, useAction } from '../../bridge/actions.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import { PathField } from '../../components/path-field.tsx';
import {
  benchmarkTitles,
  codeBenchmarks,
  emptyForm,
  mostModels,
  openQuestion,
  ownTask,
  toRequests,
} from '../../state/evaluation-form.ts';
import type { EvaluationForm } from '../../state/evaluation-form.ts';
import { middleEllipsis } from '../../state/numbers.ts';
import { useShared } from '../../state/store.ts';

const dataExtensions = ['jsonl', 'json', 'parquet', 'csv', 'gz', 'zst'];
const optional = (value: number | string): number | '' => (typeof value === 'number' ? value : '');

export function EvaluateForm({ asked }: { asked: string[] }) {
  const recent = useShared().settings?.recentModels ?? [];
  const [form, setForm] = useState<EvaluationForm>({ ...emptyForm, models: asked });
  const [folder, setFolder] = useState('');
  const lineage = useRequest('model.lineage', {});
  const change = (part: Partial<EvaluationForm>): void =>
    setForm((before) => ({ ...before, ...part }));
  const choices = useMemo(() => {
    const known = (lineage.data?.nodes ?? []).filter(({ problem }) => problem === undefined);
    const labels = new Map(known.map(({ path, label }) => [path, label]));
    for (const path of [...form.models, ...recent]) {
      if (!labels.has(path)) labels.set(path, middleEllipsis(path, 48));
    }
    const all = [...labels].map(([value, label]) => ({ value, label }));
    const isAlone = ({ label }: { label: string }): boolean =>
      all.filter((other) => other.label === label).length === 1;
    return all.map((choice) =>
      isAlone(choice)
        ? choice
        : { ...choice, label: `${choice.label} (${middleEllipsis(choice.value, 40)})` },
    );
  }, [lineage.data, form.models, recent]);
  const open = openQuestion(form);
  const start = useAction(async () => {
    await act('evaluations.start', { requests: toRequests(form) });
  });
  const addFolder = (): void => {
    if (!form.models.includes(folder)) change({ models: [...form.models, folder] });
    setFolder('');
  };
  return (
    <Paper p="md">
      <Stack gap="md">
        <MultiSelect
          label="Models"
          description="Checkpoints and results of your runs; up to six are evaluated one after another"
          placeholder={form.models.length === 0 ? 'Choose' : ''}
          data={choices}
          value={form.models}
          onChange={(models) => change({ models })}
          maxValues={mostModels}
          searchable
          clearable
          size="xs"
        />
        <Group align="flex-end" wrap="nowrap" gap="sm">
          <div style={{ flex: 1 }}>
            <PathField
              label="Another model folder"
              kind="folder"
              value={folder}
              recent={recent}
              onChange={setFolder}
            />
          </div>
          <Button variant="default" disabled={folder === ''} onClick={addFolder}>
            Add
          </Button>
        </Group>
        <SimpleGrid cols={2}>
          <Select
            label="Benchmark"
            allowDeselect={false}
            data={[
              ...benchmarkNames.map((name) => ({ value: name, label: benchmarkTitles[name] })),
              { value: ownTask, label: 'A task of your own (YAML)' },
            ]}
            value={form.task}
            onChange={(task) => task !== null && change({ task: task as EvaluationForm['task'] })}
          />
          {form.task === ownTask && (
            <PathField
              label="Task file"
              kind="file"
              extensions={['yaml', 'yml']}
              value={form.taskFile}
              recent={[]}
              onChange={(taskFile) => change({ taskFile })}
            />
          )}
          <PathField
            label="Data file"
            kind="file"
            extensions={dataExtensions}
            placeholder={form.task === ownTask ? 'the task file’s own' : 'Path of a file'}
            value={form.data}
            recent={[]}
            onChange={(data) => change({ data })}
          />
        </SimpleGrid>
        {codeBenchmarks.includes(form.task) && (
          <Text size="sm" c="dimmed">
            Programs that a model writes run in a sandbox without network. Where this machine has
            none, the benchmark is refused with the reason.
          </Text>
        )}
        <SimpleGrid cols={{ base: 3, lg: 6 }}>
          <NumberInput
            label="Samples per item"
            min={1}
            max={1024}
            value={form.samples}
            onChange={(value) => typeof value === 'number' && change({ samples: value })}
          />
          <NumberInput
            label="Temperature"
            min={0}
            max={10}
            step={0.1}
            placeholder={form.samples > 1 ? '0.5' : '0, greedy'}
            value={form.temperature}
            onChange={(value) => change({ temperature: optional(value) })}
          />
          <NumberInput
            label="New tokens, at most"
            min={1}
            max={131_072}
            thousandSeparator=","
            placeholder="the benchmark’s"
            value={form.maxNewTokens}
            onChange={(value) => change({ maxNewTokens: optional(value) })}
          />
          <NumberInput
            label="Only the first items"
            min={1}
            thousandSeparator=","
            placeholder="all"
            value={form.limit}
            onChange={(value) => change({ limit: optional(value) })}
          />
          <NumberInput
            label="Seed"
            min={0}
            value={form.seed}
            onChange={(value) => typeof value === 'number' && change({ seed: value })}
          />
          <Select
            label="Computed in"
            allowDeselect={false}
            data={['f32', 'bf16']}
            value={form.precision}
            onChange={(value) => change({ precision: value === 'bf16' ? 'bf16' : 'f32' })}
          />
        </SimpleGrid>
        <Group justify="flex-end">
          <Text size="sm" c="dimmed">
            {open ?? ''}
          </Text>
          <Button
            size="sm"
            loading={start.busy}
            disabled={open !== null}
            onClick={() => start.go()}
          >
            {form.models.length > 1 ? `Evaluate ${form.models.length} models` : 'Evaluate'}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}
