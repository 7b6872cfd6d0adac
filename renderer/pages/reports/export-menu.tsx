/** Takes a report away: every format as a file, the TensorBoard logs as a folder. */
import { Anchor, Button, Menu, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { act, useAction } from '../../bridge/actions.tsx';

type Format = RequestInput<'report.export'>['format'];

const formats: { format: Format; label: string; what: string }[] = [
  { format: 'html', label: 'HTML', what: 'one file with everything in it, no scripts' },
  { format: 'pdf', label: 'PDF', what: 'A4 pages, to print or attach' },
  { format: 'md', label: 'Markdown', what: 'model card for the Hugging Face Hub' },
  { format: 'json', label: 'JSON', what: 'every number with its source' },
  { format: 'csv', label: 'CSV', what: 'curves and tables for a spreadsheet' },
  { format: 'tensorboard', label: 'TensorBoard', what: 'folder of event files' },
];

/** Where the file is, with the way there; the shell showed the dialog that chose it. */
function tellWritten(file: string): void {
  notifications.show({
    title: 'Report written',
    color: 'indigo',
    autoClose: 8000,
    message: (
      <Stack gap={4}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {file}
        </Text>
        <Anchor
          component="button"
          size="sm"
          ta="left"
          onClick={() => void act('file.reveal', { path: file })}
        >
          Show in folder
        </Anchor>
      </Stack>
    ),
  });
}

interface Props {
  runId: string;
  hasTensorBoard: boolean;
}

export function ExportMenu({ runId, hasTensorBoard }: Props) {
  const { busy, go } = useAction(async (format: Format) => {
    const written = await act('report.export', { runId, format });
    if (written !== null) tellWritten(written.file);
  });
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          loading={busy}
          leftSection={<IconDownload size={14} />}
          rightSection={<IconChevronDown size={14} />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map(({ format, label, what }) => (
          <Menu.Item
            key={format}
            disabled={format === 'tensorboard' && !hasTensorBoard}
            onClick={() => go(format)}
          >
            <Text size="md">{`${label}…`}</Text>
            <Text size="xs" c="dimmed">
              {format === 'tensorboard' && !hasTensorBoard ? 'this run has none' : what}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
