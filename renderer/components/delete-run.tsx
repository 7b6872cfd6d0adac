/** Asks before a run goes, and says how much of what goes with it. */
import { Button, Group, Modal, Text } from '@mantine/core';
import type { RunSummary } from '../../main/contract/runs.ts';
import { useAction } from '../bridge/actions.tsx';
import { ask } from '../bridge/bridge.ts';
import { bytes } from '../state/numbers.ts';

interface Props {
  run: RunSummary;
  opened: boolean;
  onClose: () => void;
}

export function DeleteRun({ run, opened, onClose }: Props) {
  const { busy, go } = useAction(async () => {
    await ask('runs.delete', { runId: run.id });
    onClose();
  });
  return (
    <Modal opened={opened} onClose={onClose} title={`Delete ${run.name}?`} centered>
      <Text>
        {`Its checkpoints, measurements and reports (${bytes(run.bytes)}) are removed from the disk. This cannot be undone.`}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={busy} onClick={() => go()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
}
