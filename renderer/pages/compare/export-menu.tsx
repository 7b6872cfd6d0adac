/** The whole comparison as one file. */
import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { comparisonFormats } from '../../../main/contract/comparison.ts';
import type { ComparisonFormat } from '../../../main/contract/comparison.ts';

const formatTexts: Record<ComparisonFormat, string> = {
  html: 'HTML, one file',
  pdf: 'PDF',
  json: 'JSON, all numbers and items',
};

export function ExportMenu(props: {
  disabled: boolean;
  busy: boolean;
  onExport: (format: ComparisonFormat) => void;
}) {
  const { disabled, busy, onExport } = props;
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={14} />}
          disabled={disabled}
          loading={busy}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>With weights, margins and the last prompt</Menu.Label>
        {comparisonFormats.map((format) => (
          <Menu.Item key={format} onClick={() => onExport(format)}>
            {formatTexts[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
