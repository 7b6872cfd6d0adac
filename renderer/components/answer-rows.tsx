/** Items with two answers each, one line per item; a line opens to both texts side by side. */
import { Button, Paper, SimpleGrid, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronRight, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { AnsweredItem } from '../../main/contract/inspection.ts';
import type { AnswerPair } from '../state/answer-pairs.ts';
import { count } from '../state/numbers.ts';

const atOnce = 50;

function Verdict({ item }: { item: AnsweredItem }) {
  const Icon = item.correct ? IconCheck : IconX;
  const color = item.correct ? 'var(--ink-good)' : 'var(--ink-error)';
  return (
    <span className="answer-verdict" style={{ color }}>
      <Icon size={14} aria-label={item.correct ? 'right' : 'wrong'} />
      <span className="mono ellipsis">{item.answer === '' ? 'no answer' : item.answer}</span>
    </span>
  );
}

function WholeText({ item }: { item: AnsweredItem }) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="xs" c="dimmed">
        {item.model}
      </Text>
      <Text className="mono selectable" style={{ whiteSpace: 'pre-wrap' }}>
        {item.text}
      </Text>
    </div>
  );
}

function Row({ pair }: { pair: AnswerPair }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="answer-item">
      <UnstyledButton
        className="answer-row focusable"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} style={{ transform: open ? 'rotate(90deg)' : 'none' }} />
        <Text span className="ellipsis" title={String(pair.id)}>
          {pair.question.replace(/\s+/g, ' ')}
        </Text>
        <span className="mono ellipsis">{pair.expected}</span>
        <Verdict item={pair.reference} />
        <Verdict item={pair.candidate} />
      </UnstyledButton>
      {open && (
        <div style={{ padding: '4px 12px 14px 38px' }}>
          <Text className="selectable" mb="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {pair.question}
          </Text>
          <SimpleGrid cols={2}>
            <WholeText item={pair.reference} />
            <WholeText item={pair.candidate} />
          </SimpleGrid>
        </div>
      )}
    </div>
  );
}

export function AnswerRows({ pairs }: { pairs: AnswerPair[] }) {
  const [shown, setShown] = useState(atOnce);
  const [first] = pairs;
  if (first === undefined) {
    return (
      <Text c="dimmed" py="xl" ta="center">
        No item of this kind.
      </Text>
    );
  }
  return (
    <Paper role="group" aria-label="Items">
      <div className="answer-row answer-heading">
        <span />
        <span>Item</span>
        <span>Expected</span>
        <span>{first.reference.model}</span>
        <span>{first.candidate.model}</span>
      </div>
      {pairs.slice(0, shown).map((pair) => (
        <Row key={pair.reference.index} pair={pair} />
      ))}
      {pairs.length > shown && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + 10 * atOnce)}>
          {`Show more (${count(pairs.length - shown)} left)`}
        </Button>
      )}
    </Paper>
  );
}
