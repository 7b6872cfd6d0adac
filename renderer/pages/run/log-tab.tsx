/** What happened, in words, searchable; and the engine's own output beside it. */
import { Group, Paper, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useRequest } from '../../bridge/use-request.ts';
import type { RunState } from '../../state/run-state.ts';

const shownLines = 2000;
const colors = {
  info: 'var(--mantine-color-text)',
  warning: 'var(--ink-warning)',
  error: 'var(--ink-error)',
} as const;

function Lines({ state, words }: { state: RunState; words: string }) {
  const found = state.log.filter(({ text }) => text.toLowerCase().includes(words.toLowerCase()));
  return found.slice(-shownLines).map((line) => (
    <div key={line.seq} style={{ display: 'flex', gap: 12 }}>
      <Text span c="dimmed" className="log" style={{ flex: 'none' }}>
        {new Date(line.time).toLocaleTimeString('en-GB')}
      </Text>
      <Text span c="dimmed" className="log" w={84} style={{ flex: 'none' }}>
        {line.stage ?? ''}
      </Text>
      <Text span className="log" c={colors[line.level]}>
        {line.text}
      </Text>
    </div>
  ));
}

export function LogTab({ runId, state }: { runId: string; state: RunState }) {
  const [source, setSource] = useState<'events' | 'engine'>('events');
  const [words, setWords] = useState('');
  const box = useRef<HTMLDivElement>(null);
  const output = useRequest('run.log', source === 'engine' ? { runId } : null);
  useEffect(() => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, [state.log.length, source, output.data]);
  const engineLines = (output.data ?? '')
    .split('\n')
    .filter((line) => line.toLowerCase().includes(words.toLowerCase()));
  return (
    <>
      <Group mb="sm">
        <SegmentedControl
          aria-label="Source"
          value={source}
          onChange={(value) => setSource(value === 'engine' ? 'engine' : 'events')}
          data={[
            { value: 'events', label: 'Events' },
            { value: 'engine', label: 'Engine output' },
          ]}
        />
        <TextInput
          w={260}
          aria-label="Search the log"
          placeholder="Search"
          leftSection={<IconSearch size={14} />}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
      </Group>
      <Paper
        p="sm"
        ref={box}
        tabIndex={0}
        role="log"
        aria-label="Log of the run"
        style={{ height: 'calc(100vh - 210px)', overflow: 'auto' }}
      >
        {source === 'events' && <Lines state={state} words={words} />}
        {source === 'engine' &&
          (output.error !== null ? (
            <Text c="dimmed">{output.error.message}</Text>
          ) : (
            <pre className="log" style={{ margin: 0, whiteSpace: 'pre-wrap' }}>
              {engineLines.join('\n') || 'The engine has written nothing.'}
            </pre>
          ))}
      </Paper>
    </>
  );
}
