/** Which two to six models are compared: of runs, or folders that were added. */
import { MultiSelect } from '@mantine/core';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { askedModel, namesOfRun } from '../../state/compared-items.ts';
import { lastPart } from '../../state/numbers.ts';

export function ModelPicker(props: {
  names: string[];
  runs: RunSummary[];
  onChange: (names: string[]) => void;
}) {
  const { names, runs, onChange } = props;
  const nameOf = ({ id, name }: RunSummary): string =>
    runs.some((other) => other.name === name && other.id !== id) ? id : name;
  const known = runs.map((run) => ({
    group: nameOf(run),
    items: namesOfRun(run).map((name) => ({
      value: name,
      label: `${nameOf(run)} · ${name.split(':')[1] ?? (run.results.length === 0 ? run.status : 'weak-driven')}`,
    })),
  }));
  const folders = names.filter((name) => 'path' in askedModel(name));
  const added = folders.map((value) => ({ value, label: lastPart(value) }));
  return (
    <MultiSelect
      w={560}
      miw={0}
      style={{ flexShrink: 1 }}
      size="xs"
      styles={{ inputField: { minWidth: 24 } }}
      aria-label="Models to compare"
      placeholder={names.length === 0 ? 'Choose two to six models' : ''}
      maxValues={6}
      data={added.length === 0 ? known : [...known, { group: 'Folders', items: added }]}
      value={names}
      onChange={onChange}
      searchable
    />
  );
}
