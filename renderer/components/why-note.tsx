/** One sentence on why this part of the method matters; folded away once, it stays folded. */
import { Anchor, Group, Text } from '@mantine/core';
import { changeSettings, useShared } from '../state/store.ts';

export function WhyNote({ id, children }: { id: string; children: string }) {
  const folded = useShared().settings?.foldedNotes ?? [];
  const isFolded = folded.includes(id);
  const toggle = (): void =>
    changeSettings({
      foldedNotes: isFolded ? folded.filter((known) => known !== id) : [...folded, id],
    });
  return (
    <Group gap={6} align="baseline" wrap="nowrap">
      {!isFolded && (
        <Text size="sm" c="dimmed" maw={760}>
          {children}
        </Text>
      )}
      <Anchor component="button" type="button" size="xs" c="dimmed" onClick={toggle}>
        {isFolded ? 'Why this matters' : 'Hide'}
      </Anchor>
    </Group>
  );
}
