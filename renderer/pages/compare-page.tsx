/** Two to six models side by side: which one is better, and why. The first is the baseline. */
import { Button, Skeleton, Stack } from '@mantine/core';
import { IconFolderPlus } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { ComparisonFormat } from '../../main/contract/comparison.ts';
import type { GeneratedBeside } from '../../main/contract/generation.ts';
import { act, tell, useAction } from '../bridge/actions.tsx';
import { useRequest } from '../bridge/use-request.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { Failure } from '../components/failure.tsx';
import { Page } from '../components/page.tsx';
import { askedModel, namesOfAddress } from '../state/compared-items.ts';
import { useShared } from '../state/store.ts';
import { ComparisonParts } from './compare/comparison-parts.tsx';
import { ExportMenu } from './compare/export-menu.tsx';
import { openStudy } from './study-page.tsx';
import { ModelPicker } from './compare/model-picker.tsx';

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
  const [generations, setGenerations] = useState<GeneratedBeside | null>(null);
  const save = useAction(async (format: ComparisonFormat) => {
    const models = names.map(askedModel);
    const saved = await act('compare.export', { models, format, generations });
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
      <ModelPicker names={names} runs={runs ?? []} onChange={setChosen} />
      <Button
        variant="default"
        leftSection={<IconFolderPlus size={14} />}
        onClick={() => void addFolder()}
      >
        Add a folder…
      </Button>
      <Button variant="default" onClick={() => void openStudy()}>
        Open a study…
      </Button>
      <ExportMenu disabled={data === null} busy={save.busy} onExport={save.go} />
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
      {ready && data !== null && (
        <ComparisonParts
          key={names.join()}
          comparison={data}
          names={names}
          onGenerated={setGenerations}
        />
      )}
    </Page>
  );
}
