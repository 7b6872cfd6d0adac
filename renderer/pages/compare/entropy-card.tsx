/** How sure the models are, sample by sample: the baseline's entropy against another model's. */
import { Button, Group, Paper, Select, Text } from '@mantine/core';
import { useState } from 'react';
import type { ComparedModel, EntropyShift } from '../../../main/contract/comparison.ts';
import { Histogram } from '../../components/histogram.tsx';
import { ShiftScatter } from '../../components/shift-scatter.tsx';
import { count, significant } from '../../state/numbers.ts';

const bins = 24;

function histogram(values: number[]): { edges: number[]; counts: number[] } {
  const reach = Math.max(1e-6, ...values.map(Math.abs));
  const width = (2 * reach) / bins;
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((value + reach) / width));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, edge) => -reach + edge * width), counts };
}

const mostListed = 5;

/** The rows that moved most, each a way to its sample without a mouse. */
function LargestShifts(props: {
  ids: (string | number)[];
  shifts: number[];
  onPick: (id: string | number) => void;
}) {
  const { ids, shifts, onPick } = props;
  const order = shifts.map((_, row) => row).sort((a, b) => (shifts[a] ?? 0) - (shifts[b] ?? 0));
  const fell = order.slice(0, mostListed).filter((row) => (shifts[row] ?? 0) < 0);
  const rose = order
    .slice(-mostListed)
    .reverse()
    .filter((row) => (shifts[row] ?? 0) > 0);
  const lists = [
    ['Fell most', fell],
    ['Rose most', rose],
  ] as const;
  return (
    <Group gap="xl" mt="sm" align="flex-start">
      {lists.map(([title, rows]) => (
        <div key={title} role="group" aria-label={title}>
          <Text size="sm" c="dimmed" span mr={8}>
            {title}
          </Text>
          {rows.map((row) => (
            <Button
              key={row}
              size="compact-xs"
              variant="subtle"
              onClick={() => onPick(ids[row] ?? row)}
            >
              {`${ids[row]} (${signed(shifts[row] ?? 0)})`}
            </Button>
          ))}
        </div>
      ))}
    </Group>
  );
}

function signed(shift: number): string {
  return `${shift > 0 ? '+' : ''}${significant(shift, 2)}`;
}

interface Props {
  models: ComparedModel[];
  entropy: EntropyShift;
  picked: string | number | null;
  onPick: (id: string | number) => void;
}

export function EntropyCard({ models, entropy, picked, onPick }: Props) {
  const measured = entropy.entropies.flatMap((values, index) => (values === null ? [] : [index]));
  const [first = 0, ...others] = measured;
  const [chosen, setChosen] = useState(others[0] ?? first);
  const before = entropy.entropies[first] ?? new Float64Array();
  const after = entropy.entropies[chosen] ?? new Float64Array();
  const shifts = Array.from(after, (value, row) => value - (before[row] ?? NaN));
  const fell = shifts.filter((shift) => shift < 0).length;
  const mean = shifts.reduce((sum, shift) => sum + shift, 0) / Math.max(1, shifts.length);
  const rows = entropy.rows === 'held-out' ? 'held-out items' : 'training rows';
  const { edges, counts } = histogram(shifts);
  const nameOf = (index: number): string => models[index]?.label ?? '';
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm" wrap="nowrap">
        <div>
          <Text component="h2" fw={600} m={0}>
            Entropy of each sample
          </Text>
          <Text size="sm" c="dimmed">
            {`${nameOf(chosen)} is surer than ${nameOf(first)} on ${count(fell)} of ${count(shifts.length)} ${rows}; the mean changes by ${significant(mean, 3)} nats.`}
          </Text>
        </div>
        {others.length > 1 && (
          <Select
            size="xs"
            w={260}
            aria-label="Model whose entropy is shown"
            allowDeselect={false}
            data={others.map((index) => ({ value: String(index), label: nameOf(index) }))}
            value={String(chosen)}
            onChange={(value) => setChosen(Number(value))}
          />
        )}
      </Group>
      <div className="shift-grid">
        <ShiftScatter
          before={before}
          after={after}
          names={[nameOf(first), nameOf(chosen)]}
          picked={picked === null ? -1 : entropy.ids.indexOf(picked)}
          onPick={(row) => {
            const id = entropy.ids[row];
            if (id !== undefined) onPick(id);
          }}
        />
        <div>
          <Text size="sm" mb="xs">
            Change of the entropy
          </Text>
          <Histogram
            edges={edges}
            counts={counts}
            unit="nats; left of the line it fell"
            height={240}
            marker={{ at: 0, label: 'no change' }}
            format={(value) => significant(value, 2)}
          />
        </div>
      </div>
      <LargestShifts ids={entropy.ids} shifts={shifts} onPick={onPick} />
    </Paper>
  );
}
