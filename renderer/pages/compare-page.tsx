/** Two to six models side by side: which one is better, and why. The first is the baseline. */
import { Button, Grid, MultiSelect, Skeleton, Stack, Text } from '@mantine/core';
import { IconDownload, IconFolderPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Comparison } from '../../main/contract/comparison.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import { act, tell, useAction } from '../bridge/actions.tsx';
import { useRequest } from '../bridge/use-request.ts';
import { CompareChart } from '../components/chart/compare-chart.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Failure } from '../components/failure.tsx';
import { Page } from '../components/page.tsx';
import { compareMetrics } from '../state/compare-metrics.ts';
import type { CompareMetric } from '../state/compare-metrics.ts';
import { askedModel, namesOfAddress, namesOfRun } from '../state/compared-items.ts';
import { lastPart } from '../state/numbers.ts';
import { useShared } from '../state/store.ts';
import { EntropyCard } from './compare/entropy-card.tsx';
import { GenerateCard } from './compare/generate-card.tsx';
import { ItemsCard } from './compare/items-card.tsx';
import { ScoresCard } from './compare/scores-card.tsx';
import { SettingsCard } from './compare/settings-card.tsx';
import { WeightsCard } from './compare/weights-card.tsx';

function Picker(props: {
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

function Parts({ comparison, names }: { comparison: Comparison; names: string[] }) {
  const { models, evaluation, entropy, curves, settings, missing } = comparison;
  const [picked, setPicked] = useState<string | number | null>(null);
  const [weightsWanted, setWeightsWanted] = useState(false);
  const isMeasured = (wanted: CompareMetric): boolean =>
    curves.some((own) => own.curves.some(({ metric }) => metric === wanted));
  return (
    <Stack gap="lg">
      {evaluation !== null && <ScoresCard models={models} evaluation={evaluation} />}
      <SettingsCard models={models} settings={settings} />
      {evaluation !== null && evaluation.items.length > 0 && (
        <ItemsCard models={models} evaluation={evaluation} picked={picked} />
      )}
      {curves.length > 0 && (
        <Grid>
          {compareMetrics.filter(isMeasured).map((metric) => (
            <Grid.Col key={metric} span={{ base: 12, md: 6 }}>
              <CompareChart models={models} curves={curves} metric={metric} />
            </Grid.Col>
          ))}
        </Grid>
      )}
      {entropy !== null && (
        <EntropyCard models={models} entropy={entropy} picked={picked} onPick={setPicked} />
      )}
      <WeightsCard
        models={models}
        asked={names.map(askedModel)}
        wanted={weightsWanted}
        onWant={() => setWeightsWanted(true)}
      />
      <GenerateCard models={models} />
      {missing.map((sentence) => (
        <Text key={sentence} size="sm" c="dimmed">
          {sentence}
        </Text>
      ))}
    </Stack>
  );
}

/** `asked`: names of models, see state/compared-items.ts, with commas. */
export function ComparePage({ asked }: { asked: string | undefined }) {
  const { runs } = useShared();
  const [chosen, setChosen] = useState<string[] | null>(null);
  const names = chosen ?? (asked === undefined ? [] : namesOfAddress(asked, runs ?? []));
  const ready = names.length >= 2 && (runs !== null || chosen !== null);
  const { data, error, loading } = useRequest(
    'compare',
    ready ? { models: names.map(askedModel) } : null,
  );
  const save = useAction(async () => {
    const saved = await act('compare.export', { models: names.map(askedModel) });
    if (saved !== null) tell('Saved', saved.file);
  });
  const addFolder = async (): Promise<void> => {
    const path = await act('dialog.open', {
      kind: 'folder',
      title: 'A checkpoint or model folder',
    });
    if (path !== null) setChosen([...names.filter((name) => name !== path), path].slice(0, 6));
  };
  useEffect(() => setChosen(null), [asked]);
  const actions = (
    <>
      <Picker names={names} runs={runs ?? []} onChange={setChosen} />
      <Button
        variant="default"
        leftSection={<IconFolderPlus size={14} />}
        onClick={() => void addFolder()}
      >
        Add a folder…
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={14} />}
        loading={save.busy}
        disabled={data === null}
        onClick={() => save.go()}
      >
        Save as HTML…
      </Button>
    </>
  );
  return (
    <Page title="Compare" actions={actions} wide>
      {error !== null && <Failure error={error} />}
      {!ready && (
        <EmptyState
          title="Which model is better, and why"
          text="Choose two to six models above: of runs, or any checkpoint’s folder. You see what differs in their settings, what each answers, where their weights moved and their curves on one axis; the first one is the baseline."
        />
      )}
      {ready && data === null && loading && (
        <Stack gap="lg">
          <Skeleton h={150} />
          <Skeleton h={90} />
          <Skeleton h={380} />
        </Stack>
      )}
      {ready && data !== null && <Parts key={names.join()} comparison={data} names={names} />}
    </Page>
  );
}
