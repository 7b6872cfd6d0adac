/** Preflight of a data file: figures, length histogram, problems by row, rendered rows with the mask. */
import { Alert, Group, Pagination, Paper, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { DataPreview, PreviewRow } from '../../main/contract/inspection.ts';
import type { RequestInput } from '../../main/contract/requests.ts';
import { useRequest } from '../bridge/use-request.ts';
import { count, percent } from '../state/numbers.ts';
import { Failure } from './failure.tsx';
import { Figure } from './figure.tsx';
import { Histogram } from './histogram.tsx';
import { TokenStrip } from './token-strip.tsx';

function rowList(rows: number[]): string {
  const shown = rows.slice(0, 8).map((row) => row + 1);
  return `rows ${shown.join(', ')}${rows.length > 8 ? ', …' : ''}`;
}

function problems(preview: DataPreview): { title: string; text: string; red: boolean }[] {
  const { truncated, allMasked, duplicates, overlap, invalid, notices, maxLength } = preview;
  const found: { title: string; text: string; red: boolean }[] = [];
  const add = (rows: number[], title: string, red: boolean): void => {
    if (rows.length > 0)
      found.push({ title: `${count(rows.length)} ${title}`, text: rowList(rows), red });
  };
  if (invalid.length > 0) {
    const [first] = invalid;
    const text = `line ${first?.line}: ${first?.message}`;
    found.push({ title: `${count(invalid.length)} rows cannot be read`, text, red: true });
  }
  add(allMasked, 'rows have no token to learn from', true);
  add(overlap, 'prompts are also in the held-out file', true);
  add(truncated, `rows are longer than ${count(maxLength)} tokens and will be cut`, false);
  add(duplicates, 'rows repeat an earlier row', false);
  for (const notice of notices) found.push({ title: notice, text: '', red: false });
  return found;
}

function Row({ row }: { row: PreviewRow }) {
  const parts = [
    `row ${row.index + 1}`,
    `${count(row.length)} tokens`,
    `${count(row.answerTokens)} answer tokens`,
    ...(row.truncated ? ['truncated'] : []),
  ];
  return (
    <Paper p="md">
      <Text size="xs" c="dimmed" mb="xs">
        {parts.join(' · ')}
      </Text>
      <TokenStrip tokens={row.tokens} />
    </Paper>
  );
}

export function DataPreviewPanel({ input }: { input: RequestInput<'data.preview'> | null }) {
  const { data, error, loading } = useRequest('data.preview', input);
  const [page, setPage] = useState(1);
  if (input === null) return null;
  if (error !== null) return <Failure error={error} />;
  if (data === null) {
    return loading ? (
      <Stack>
        <Text size="sm" c="dimmed">
          Rendering and tokenizing the rows…
        </Text>
        <Skeleton h={140} />
      </Stack>
    ) : null;
  }
  const row = data.shown[Math.min(page, data.shown.length) - 1];
  return (
    <Stack data-preview>
      <Paper p="md">
        <SimpleGrid cols={{ base: 3, md: 6 }} mb="md">
          <Figure label="Rows" value={count(data.rows)} note={`${count(data.examined)} examined`} />
          <Figure label="Format" value={data.format} note={`columns: ${data.columns.join(', ')}`} />
          <Figure label="Tokens" value={count(data.tokens)} />
          <Figure label="Trained on" value={percent(data.answerTokens / (data.tokens || 1))} />
          <Figure label="Truncated" value={count(data.truncated.length)} />
          <Figure label="Duplicates" value={count(data.duplicates.length)} />
        </SimpleGrid>
        <Histogram
          {...data.histogram}
          unit="tokens per row"
          marker={{ at: data.maxLength, label: `limit ${count(data.maxLength)}` }}
        />
      </Paper>
      {problems(data).map(({ title, text, red }) => (
        <Alert key={title} color={red ? 'red' : 'yellow'} variant="light" title={title}>
          {text}
        </Alert>
      ))}
      <Group justify="space-between">
        <Text fw={600}>
          As the model sees it{' '}
          <Text span size="xs" c="dimmed" fw={400}>
            tinted tokens carry the loss
          </Text>
        </Text>
        <Pagination
          size="xs"
          total={data.shown.length}
          value={page}
          onChange={setPage}
          getControlProps={(control) => ({
            'aria-label': control === 'previous' ? 'Previous row' : 'Next row',
          })}
          getItemProps={(p) => ({ 'aria-label': `Row ${p}` })}
        />
      </Group>
      {row !== undefined && <Row row={row} />}
    </Stack>
  );
}
