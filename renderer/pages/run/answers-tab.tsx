/** Held-out items as two of the run's models answered them: fixed, broken, and both texts. */
import { Group, SegmentedControl, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { AnswerRows } from '../../components/answer-rows.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Failure } from '../../components/failure.tsx';
import { countOutcomes, outcomes, pairAnswers, usualPair } from '../../state/answer-pairs.ts';
import type { Outcome } from '../../state/answer-pairs.ts';
import { count } from '../../state/numbers.ts';
import type { RunState } from '../../state/run-state.ts';

export function AnswersTab({ run, state }: { run: RunSummary; state: RunState }) {
  const finished = state.stages.evaluate.status;
  const { data, error } = useRequest('run.answers', { runId: run.id });
  const [chosen, setChosen] = useState<{ reference?: string; candidate?: string }>({});
  const [outcome, setOutcome] = useState<Outcome | 'all' | null>(null);
  const [words, setWords] = useState('');
  const models = useMemo(() => [...new Set(data?.map(({ model }) => model))], [data]);
  const { reference, candidate } = { ...usualPair(models), ...chosen };
  const pairs = useMemo(
    () => pairAnswers(data ?? [], reference, candidate),
    [data, reference, candidate],
  );
  const counts = useMemo(() => countOutcomes(pairs), [pairs]);
  if (error !== null) return <Failure error={error} />;
  if (data === null) return <Skeleton h={240} aria-busy="true" />;
  if (data.length === 0) {
    return (
      <EmptyState
        title="No answers yet"
        text={
          finished === 'done' || finished === 'cached'
            ? 'This run had no held-out rows (evaluation.heldOut): there was nothing to answer.'
            : 'Every model of the run answers the held-out rows in the evaluate stage. Then this page shows which items joint training fixed and which it broke.'
        }
      />
    );
  }
  const shownOutcome = outcome ?? (counts.fixed + counts.broken > 0 ? 'fixed' : 'all');
  const wanted = words.trim().toLowerCase();
  const shown = pairs.filter(
    (pair) =>
      (shownOutcome === 'all' || pair.outcome === shownOutcome) &&
      `${pair.id} ${pair.question} ${pair.expected}`.toLowerCase().includes(wanted),
  );
  const choose = (part: typeof chosen): void => setChosen((before) => ({ ...before, ...part }));
  return (
    <Stack gap="md" className="measure">
      <Group align="flex-end">
        <Select
          w={150}
          label="From"
          allowDeselect={false}
          data={models}
          value={reference}
          onChange={(value) => value !== null && choose({ reference: value })}
        />
        <Select
          w={150}
          label="To"
          allowDeselect={false}
          data={models}
          value={candidate}
          onChange={(value) => value !== null && choose({ candidate: value })}
        />
        <TextInput
          ml="auto"
          w={220}
          aria-label="Filter items"
          placeholder="Filter by text"
          leftSection={<IconSearch size={14} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </Group>
      <Group justify="space-between">
        <SegmentedControl
          aria-label="Outcome"
          value={shownOutcome}
          onChange={(value) => setOutcome(value as Outcome | 'all')}
          data={[
            ...outcomes.map((name) => ({ value: name, label: `${name} ${count(counts[name])}` })),
            { value: 'all', label: `all ${count(pairs.length)}` },
          ]}
        />
        <Text size="sm" c="dimmed">
          {`Fixed: ${candidate} is right where ${reference} was wrong.`}
        </Text>
      </Group>
      <AnswerRows key={`${shownOutcome} ${wanted} ${reference} ${candidate}`} pairs={shown} />
    </Stack>
  );
}
