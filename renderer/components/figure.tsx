/** A number with its name: the building block of every summary line. */
import { Stack, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  label: string;
  value: ReactNode;
  note?: string;
  color?: string;
}

export function Figure({ label, value, note, color }: Props) {
  const body = (
    <Stack gap={0} miw={0}>
      <Text size="xs" c="dimmed" className="ellipsis">
        {label}
      </Text>
      <Text size="lg" fw={600} {...(color === undefined ? {} : { c: color })} className="ellipsis">
        {value}
      </Text>
    </Stack>
  );
  return note === undefined ? body : <Tooltip label={note}>{body}</Tooltip>;
}
