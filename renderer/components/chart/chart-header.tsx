/** Title and menu of a chart. Drawn again only when they change: points come many times a second. */
import { ActionIcon, Group, Menu, Text, Tooltip } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { memo } from 'react';

export type ChartAction = 'table' | 'copy' | 'png' | 'reset';

interface Props {
  title: string;
  unit: string;
  help: string | undefined;
  asTable: boolean;
  empty: boolean;
  /** The same function for as long as the chart lives. */
  onAction: (action: ChartAction) => void;
}

export const ChartHeader = memo(function ChartHeader(props: Props) {
  const { title, unit, help, asTable, empty, onAction } = props;
  return (
    <Group justify="space-between" wrap="nowrap" mb={2}>
      <Group gap={6} align="baseline" wrap="nowrap" miw={0}>
        <Tooltip label={help ?? title} multiline maw={340} disabled={help === undefined}>
          <Text component="h3" fw={600} m={0} className="ellipsis">
            {title}
          </Text>
        </Tooltip>
        <Text size="xs" c="dimmed" className="ellipsis">
          {unit}
        </Text>
      </Group>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={`${title}: more`}>
            <IconDots size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onAction('table')}>
            {asTable ? 'Show as chart' : 'Show as table'}
          </Menu.Item>
          <Menu.Item onClick={() => onAction('copy')}>Copy as CSV</Menu.Item>
          <Menu.Item onClick={() => onAction('png')} disabled={asTable || empty}>
            Save as PNG…
          </Menu.Item>
          <Menu.Item onClick={() => onAction('reset')}>Reset zoom</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
});
