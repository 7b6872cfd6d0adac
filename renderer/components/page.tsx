/** The frame of a page: a header with title and actions that stays, and a body that scrolls. */
import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  actions?: ReactNode;
  /** Wide pages use the whole window, others keep to a readable measure. */
  wide?: boolean;
  children: ReactNode;
}

export function Page({ title, actions, wide = false, children }: Props) {
  return (
    <>
      <header className="page-header">
        {/* Titles of pages are short; where it is narrow a wide field among the actions gives way. */}
        <Title order={1} style={{ flex: 'none' }}>
          {title}
        </Title>
        <Group ml="auto" gap="sm" wrap="nowrap" miw={0}>
          {actions}
        </Group>
      </header>
      <div className="page-body">{wide ? children : <div className="measure">{children}</div>}</div>
    </>
  );
}
