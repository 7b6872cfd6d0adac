/** A place where nothing is yet: says what would be here and what to do next. */
import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  text: string;
  children?: ReactNode;
}

export function EmptyState({ title, text, children }: Props) {
  return (
    <Stack align="center" gap="sm" py={56} ta="center">
      <Title order={2}>{title}</Title>
      <Text c="dimmed" maw={460}>
        {text}
      </Text>
      {children !== undefined && <Group mt="xs">{children}</Group>}
    </Stack>
  );
}
