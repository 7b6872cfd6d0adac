/** One finished evaluation: its score with what it rests on, and every generation. */
import {
  Alert,
  Group,
  Paper,
  SegmentedControl,
  Skeleton,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { FinishedEvaluation } from '../../../main/contract/evaluation-jobs.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { Failure } from '../../components/failure.tsx';
import { Figure } from '../../components/figure.tsx';
import { GenerationRows } from '../../components/generation-rows.tsx';
import { LongText } from '../../components/long-text.tsx';
import { count, duration, percent } from '../../state/numbers.ts';

const kinds = ['all', 'correct', 'wrong', 'no-answer'] as const;
type Kind = (typeof kinds)[number];

export function EvaluationView({ evaluation }: { evaluation: FinishedEvaluation }) {
  const { id, summary, folder } = evaluation;
  const { data, error } = useRequest('evaluations.answers', { id });
  const [kind, setKind] = useState<Kind>('all');
  const [words, setWords] = useState('');
  const { mean, passAt, items, samples, cutOff, withoutAnswer, tokens, seconds } = summary;
  const places = {
    Model: summary.model.adapter ?? summary.model.path,
    Data: summary.data.file,
    Files: folder,
  };
  const amount = (wanted: Kind): number =>
    data?.filter(({ verdict }) => wanted === 'all' || verdict === wanted).length ?? 0;
  const wanted = words.trim().toLowerCase();
  const shown = (data ?? []).filter(
    ({ verdict, question, text, id: row }) =>
      (kind === 'all' || verdict === kind) &&
      `${row} ${question} ${text}`.toLowerCase().includes(wanted),
  );
  return (
    <Stack>
      <Paper p="md">
        <Group gap={40} align="flex-start">
          <Figure
            label={samples > 1 ? `mean@${samples}` : 'Accuracy'}
            value={percent(mean.value)}
          />
          <Figure label="95 % interval" value={`${percent(mean.low)} – ${percent(mean.high)}`} />
          {passAt.map(({ k, value, low, high }) => (
            <Figure
              key={k}
              label={`pass@${k}`}
              value={percent(value)}
              note={`95 % interval ${percent(low)} – ${percent(high)}`}
            />
          ))}
          <Figure label="Items" value={count(items)} />
          <Figure label="Without an answer" value={count(withoutAnswer)} />
          <Figure label="Reached the limit" value={count(cutOff)} />
          <Figure label="Tokens" value={count(tokens)} />
          <Figure label="Took" value={duration(seconds)} />
        </Group>
        <Stack gap={2} mt="md">
          {Object.entries(places).map(([name, path]) => (
            <Group key={name} gap="sm" wrap="nowrap">
              <Text size="sm" c="dimmed" w={46}>
                {name}
              </Text>
              <LongText text={path} length={110} mono />
            </Group>
          ))}
          {summary.sandbox !== undefined && (
            <Text size="sm" c="dimmed">{`Programs ran in ${summary.sandbox}.`}</Text>
          )}
        </Stack>
      </Paper>
      {summary.warnings.map((warning) => (
        <Alert key={warning} color="yellow" variant="light" title={warning} />
      ))}
      {error !== null && <Failure error={error} />}
      {data === null && error === null && <Skeleton h={240} aria-busy="true" />}
      {data !== null && (
        <>
          <Group justify="space-between">
            <SegmentedControl
              aria-label="Verdict"
              value={kind}
              onChange={(value) => setKind(value as Kind)}
              data={kinds.map((name) => ({
                value: name,
                label: `${name.replace('-', ' ')} ${count(amount(name))}`,
              }))}
            />
            <TextInput
              w={220}
              aria-label="Filter generations"
              placeholder="Filter by text"
              leftSection={<IconSearch size={14} />}
              value={words}
              onChange={(event) => setWords(event.currentTarget.value)}
            />
          </Group>
          <GenerationRows key={`${kind} ${wanted}`} answers={shown} />
        </>
      )}
    </Stack>
  );
}
