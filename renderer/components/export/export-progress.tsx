/** An export in work (how far, how long still, a way out), and how it ended. */
import { Anchor, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ExportedModel } from '../../../main/contract/model-export.ts';
import { act } from '../../bridge/actions.tsx';
import { bytes, count, duration } from '../../state/numbers.ts';
import { cancelExport, hideExport, type ExportWork } from '../../state/model-export.ts';

export function ExportProgress({ work }: { work: ExportWork }) {
  const { progress, remaining, isCancelling } = work;
  const share = progress === null ? 0 : progress.doneBytes / Math.max(1, progress.totalBytes);
  const parts =
    progress === null
      ? ['opening the model']
      : [
          `${bytes(progress.doneBytes)} of ${bytes(progress.totalBytes)}`,
          ...(remaining === undefined ? [] : [`about ${duration(remaining)} left`]),
        ];
  return (
    <Stack gap="md">
      <Text aria-live="polite">
        {isCancelling ? 'Cancelling; nothing half done remains.' : parts.join(' · ')}
      </Text>
      <Progress value={share * 100} animated aria-label={`${Math.round(share * 100)} % exported`} />
      <Group justify="flex-end">
        <Button variant="default" disabled={isCancelling} onClick={cancelExport}>
          Cancel the export
        </Button>
        <Button onClick={hideExport}>Go on in the background</Button>
      </Group>
    </Stack>
  );
}

export function ExportDone({ done }: { done: ExportedModel }) {
  return (
    <Stack gap="md" data-exported={done.format}>
      <Text>
        {`Exported: ${count(done.parameters)} weights (${done.dtype}), ${bytes(done.bytes)} in ${count(done.files.length)} files.`}
      </Text>
      <Text className="mono selectable" style={{ overflowWrap: 'anywhere' }}>
        {done.path}
      </Text>
      {done.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          {note}
        </Text>
      ))}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => void act('file.reveal', { path: done.path })}>
          Show in folder
        </Button>
        <Button onClick={hideExport} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

/** For one that ended behind a closed dialog. */
export function tellExported({ name, path }: ExportedModel): void {
  notifications.show({
    title: `${name} is exported`,
    color: 'indigo',
    autoClose: false,
    message: (
      <Stack gap={4}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {path}
        </Text>
        <Anchor
          component="button"
          size="sm"
          ta="left"
          onClick={() => void act('file.reveal', { path })}
        >
          Show in folder
        </Anchor>
      </Stack>
    ),
  });
}
