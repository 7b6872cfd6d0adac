/** An error as users read it: what and where, what to do, and a button that does it. */
import { Alert, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';

export function Failure({ error, children }: { error: ErrorDetails; children?: ReactNode }) {
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={16} />}
      title={error.message}
      className="selectable"
      data-error={error.code}
    >
      <Text size="md">{error.hint}</Text>
      {children !== undefined && (
        <Group gap="sm" mt="sm">
          {children}
        </Group>
      )}
    </Alert>
  );
}
