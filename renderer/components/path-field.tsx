/** A folder or file: type it, pick it in the system's dialog, or take a recent one. */
import { Autocomplete, Button, Group } from '@mantine/core';
import { act } from '../bridge/actions.tsx';

interface Props {
  label: string;
  description?: string;
  kind: 'folder' | 'file';
  value: string;
  recent: string[];
  extensions?: string[];
  placeholder?: string;
  onChange: (path: string) => void;
}

export function PathField(props: Props) {
  const { label, description, kind, value, recent, extensions, placeholder, onChange } = props;
  const browse = async (): Promise<void> => {
    const title = `Choose ${label.toLowerCase()}`;
    const path = await act('dialog.open', { kind, title, extensions: extensions ?? [] });
    if (path !== null) onChange(path);
  };
  return (
    <Group gap="sm" align="flex-end" wrap="nowrap">
      <Autocomplete
        flex={1}
        size="xs"
        label={label}
        {...(description === undefined ? {} : { description })}
        value={value}
        data={recent.filter((path) => path !== value)}
        filter={({ options }) => options}
        placeholder={placeholder ?? (kind === 'folder' ? 'Path of a folder' : 'Path of a file')}
        onChange={onChange}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      <Button variant="default" onClick={() => void browse()} aria-label={`Browse: ${label}`}>
        Browse…
      </Button>
    </Group>
  );
}
