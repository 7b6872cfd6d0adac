/** Ctrl+K: every page and every action on every run, found by typing. */
import { Spotlight } from '@mantine/spotlight';
import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight';
import { IconSearch } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { RunSummary } from '../../main/contract/runs.ts';
import { act } from '../bridge/actions.tsx';
import { openExport } from '../state/model-export.ts';
import { possibleActions, runActionLabels } from '../state/run-actions.ts';
import { changeSettings, useShared } from '../state/store.ts';
import { statusWord } from './status-badge.tsx';

type SpotlightActions = SpotlightActionData | SpotlightActionGroupData;

const pages: [string, string][] = [
  ['/new', 'New run'],
  ['/runs', 'Runs'],
  ['/compare', 'Compare runs'],
  ['/study', 'Open a study'],
  ['/evaluate', 'Evaluate on a benchmark'],
  ['/data', 'Inspect data'],
  ['/generate', 'Generate from a model'],
  ['/reports', 'Reports'],
  ['/settings', 'Settings and runtime'],
];

function runCommands(run: RunSummary, go: (to: string) => void): SpotlightActionData[] {
  const open: SpotlightActionData = {
    id: `open-${run.id}`,
    label: `Open ${run.name}`,
    description: `Run, ${statusWord(run.status)}`,
    onClick: () => go(`/runs/${run.id}`),
  };
  const changes = possibleActions(run.status).map((action): SpotlightActionData => ({
    id: `${action}-${run.id}`,
    label: `${runActionLabels[action]}: ${run.name}`,
    onClick: () => void act(action, { runId: run.id }),
  }));
  const more: SpotlightActionData[] = [
    {
      id: `duplicate-${run.id}`,
      label: `Duplicate ${run.name} with changes…`,
      onClick: () => go(`/new/${run.id}`),
    },
    {
      id: `reveal-${run.id}`,
      label: `Show the folder of ${run.name}`,
      onClick: () => void act('runs.reveal', { runId: run.id }),
    },
  ];
  if (run.started !== undefined) {
    more.push({
      id: `report-${run.id}`,
      label: `Report of ${run.name}`,
      onClick: () => go(`/reports/${run.id}`),
    });
  }
  const exports: SpotlightActionData[] =
    run.status === 'finished'
      ? [
          {
            id: `export-${run.id}`,
            label: `Export the model of ${run.name}…`,
            onClick: () => openExport({ checkpoint: run.id, title: run.name }),
          },
        ]
      : [];
  return [open, ...changes, ...more, ...exports];
}

/** Every word of the query, in any order. */
function matching(query: string, actions: SpotlightActions[]): SpotlightActions[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return actions.filter((action) => {
    const { label = '', description = '' } = 'label' in action ? action : {};
    const text = `${label} ${description}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function CommandPalette() {
  const [, go] = useLocation();
  const { runs } = useShared();
  const actions: SpotlightActionData[] = [
    ...pages.map(([to, label]) => ({ id: to, label, onClick: () => go(to) })),
    ...(['light', 'dark', 'auto'] as const).map((theme) => ({
      id: `theme-${theme}`,
      label: theme === 'auto' ? 'Theme: as the system' : `Theme: ${theme}`,
      onClick: () => changeSettings({ theme }),
    })),
    ...(runs ?? []).flatMap((run) => runCommands(run, go)),
  ];
  return (
    <Spotlight
      actions={actions}
      filter={matching}
      shortcut={['mod + K']}
      limit={9}
      highlightQuery
      scrollable
      attributes={{ content: { 'aria-label': 'Commands' } }}
      nothingFound="No command of that name"
      searchProps={{
        leftSection: <IconSearch size={16} />,
        placeholder: 'Type a command or the name of a run',
        'aria-label': 'Commands',
      }}
    />
  );
}
