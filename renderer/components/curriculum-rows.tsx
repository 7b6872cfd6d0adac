/** The rows that the curriculum favours, or those that it leaves out; a click reads the sample. */
import { Anchor, Group, Paper, SegmentedControl, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CurriculumPreview, EntropyColumns } from '../../main/contract/artifacts.ts';
import { count, percent, significant } from '../state/numbers.ts';

const shownRows = 20;
const titles = { most: 'Rows with the most weight', never: 'Rows that are never drawn' } as const;
type Choice = keyof typeof titles;

function chosenRows({ weights, drawn }: CurriculumPreview, choice: Choice): number[] {
  const rows = Array.from(weights.keys()).filter((row) => choice === 'most' || drawn[row] === 0);
  return rows.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0)).slice(0, shownRows);
}

interface Props {
  entropies: EntropyColumns;
  preview: CurriculumPreview;
  onPick: (row: number) => void;
}

export function CurriculumRows({ entropies, preview, onPick }: Props) {
  const [choice, setChoice] = useState<Choice>('most');
  const rows = useMemo(() => chosenRows(preview, choice), [preview, choice]);
  return (
    <Paper p="md">
      <Group justify="space-between" mb="xs">
        <Text component="h3" fw={600} m={0}>
          {titles[choice]}
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Which rows"
          value={choice}
          onChange={(value) => setChoice(value === 'never' ? 'never' : 'most')}
          data={[
            { value: 'most', label: 'Most weight' },
            { value: 'never', label: `Never drawn (${count(preview.neverDrawn)})` },
          ]}
        />
      </Group>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          Every row is drawn at least once.
        </Text>
      ) : (
        <Table aria-label={titles[choice]} verticalSpacing={3}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Row</Table.Th>
              <Table.Th ta="right">H0</Table.Th>
              <Table.Th ta="right">H1</Table.Th>
              <Table.Th ta="right">Change</Table.Th>
              <Table.Th ta="right">Weight</Table.Th>
              <Table.Th ta="right">Drawn</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => {
              const before = entropies.entropy0[row] ?? NaN;
              const after = entropies.entropy1[row] ?? NaN;
              return (
                <Table.Tr key={row}>
                  <Table.Td>
                    <Anchor
                      component="button"
                      type="button"
                      className="mono"
                      onClick={() => onPick(row)}
                    >
                      {String(entropies.ids[row] ?? row)}
                    </Anchor>
                  </Table.Td>
                  <Table.Td ta="right">{significant(before)}</Table.Td>
                  <Table.Td ta="right">{significant(after)}</Table.Td>
                  <Table.Td ta="right">{significant(after - before)}</Table.Td>
                  <Table.Td ta="right">{percent(preview.weights[row], 3)}</Table.Td>
                  <Table.Td ta="right">{count(preview.drawn[row])}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}
