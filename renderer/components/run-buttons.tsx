/** The actions of a run as buttons; each acts within one step, and the status says so meanwhile. */
import { Button, Group } from '@mantine/core';
import {
  IconDeviceFloppy,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconStack2,
  IconX,
} from '@tabler/icons-react';
import type { RunSummary } from '../../main/contract/runs.ts';
import { ask } from '../bridge/bridge.ts';
import { useAction } from '../bridge/actions.tsx';
import { possibleActions, runActionLabels } from '../state/run-actions.ts';
import type { RunAction } from '../state/run-actions.ts';

const icons: Record<RunAction, typeof IconX> = {
  'runs.start': IconPlayerPlay,
  'runs.queue': IconStack2,
  'runs.pause': IconPlayerPause,
  'runs.resume': IconPlayerPlay,
  'runs.stop': IconPlayerStop,
  'runs.cancel': IconX,
  'runs.checkpoint': IconDeviceFloppy,
};

const primary = new Set<RunAction>(['runs.start', 'runs.resume']);

async function send(action: RunAction, runId: string): Promise<void> {
  await ask(action, { runId });
}

export function RunButtons({ run }: { run: RunSummary }) {
  const { busy, go } = useAction(send);
  return (
    <Group gap="sm" wrap="nowrap">
      {possibleActions(run.status).map((action) => {
        const Icon = icons[action];
        return (
          <Button
            key={action}
            variant={primary.has(action) ? 'filled' : 'default'}
            leftSection={<Icon size={14} />}
            disabled={busy}
            onClick={() => go(action, run.id)}
          >
            {action === 'runs.checkpoint' ? 'Save now' : runActionLabels[action]}
          </Button>
        );
      })}
    </Group>
  );
}
