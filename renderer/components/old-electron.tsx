/** Said plainly where it is so: the Electron in use gets no security updates any more. */
import { Alert, Text } from '@mantine/core';
import { IconShieldX } from '@tabler/icons-react';
import type { RuntimeDescription } from '../../main/contract/runtime.ts';

function day(iso: string): string {
  const options = { dateStyle: 'long', timeZone: 'UTC' } as const;
  return new Date(iso).toLocaleDateString('en-GB', options);
}

export function OldElectron({ runtime }: { runtime: RuntimeDescription }) {
  const { electron, electronSupportEnded: ended, officialElectron } = runtime;
  if (ended === null) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      mb="sm"
      icon={<IconShieldX size={16} />}
      title={`Electron ${electron} is past its support: no security updates since ${day(ended)}.`}
      data-old-electron={electron}
    >
      <Text size="md">
        {officialElectron ? (
          'Update Weak-Driven Studio to a version with a newer Electron.'
        ) : (
          <>
            It stands in where the official runtime cannot be downloaded. Everything works, and
            pages still reach no network; with access to GitHub,{' '}
            <span className="mono">node resources/setup/electron.mjs --official</span> fetches the
            current one.
          </>
        )}
      </Text>
    </Alert>
  );
}
