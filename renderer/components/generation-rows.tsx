/** Generations of an evaluation, one line each; a line opens to the question and the whole response. */
import { Button, Paper, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconChevronRight, IconMinus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { EvaluationAnswer } from '../../main/contract/evaluation-jobs.ts';
import { count } from '../state/numbers.ts';

const atOnce = 50;
const looks = {
  correct: { Icon: IconCheck, color: 'var(--ink-good)' },
  wrong: { Icon: IconX, color: 'var(--ink-error)' },
  'no-answer': { Icon: IconMinus, color: 'var(--mantine-color-dimmed)' },
};

function Row({ answer }: { answer: EvaluationAnswer }) {
  const [open, setOpen] = useState(false);
  const { Icon, color } = looks[answer.verdict ?? 'no-answer'];
  const { question, expected, text, detail, tokens, promptTokens, finishReason } = answer;
  return (
    <div className="answer-item">
      <UnstyledButton
        className="answer-row generation-row focusable"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} style={{ transform: open ? 'rotate(90deg)' : 'none' }} />
        <Text span className="ellipsis">
          {question.replace(/\s+/g, ' ')}
        </Text>
        <span className="mono ellipsis">{expected.replace(/\s+/g, ' ')}</span>
        <span className="answer-verdict" style={{ color }}>
          <Icon size={14} aria-label={answer.verdict ?? 'not judged'} />
          <span className="mono ellipsis">{answer.answer ?? 'no answer'}</span>
        </span>
      </UnstyledButton>
      {open && (
        <div style={{ padding: '4px 12px 14px 38px' }}>
          <Text className="selectable" mb="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {question}
          </Text>
          <Text className="mono selectable" style={{ whiteSpace: 'pre-wrap' }}>
            {text}
          </Text>
          <Text size="xs" c="dimmed" mt="sm">
            {[
              `row ${answer.id}`,
              ...(answer.sample > 0 ? [`sample ${answer.sample + 1}`] : []),
              `${count(promptTokens)} tokens asked, ${count(tokens)} answered`,
              finishReason === 'stop' ? 'ended by itself' : 'reached the limit',
              ...(detail === undefined ? [] : [detail]),
            ].join(' · ')}
          </Text>
        </div>
      )}
    </div>
  );
}

export function GenerationRows({ answers }: { answers: EvaluationAnswer[] }) {
  const [shown, setShown] = useState(atOnce);
  if (answers.length === 0) {
    return (
      <Text c="dimmed" py="xl" ta="center">
        No generation of this kind.
      </Text>
    );
  }
  return (
    <Paper role="group" aria-label="Generations">
      <div className="answer-row generation-row answer-heading">
        <span />
        <span>Question</span>
        <span>Expected</span>
        <span>Answer</span>
      </div>
      {answers.slice(0, shown).map((answer) => (
        <Row key={`${answer.item} ${answer.sample}`} answer={answer} />
      ))}
      {answers.length > shown && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + 10 * atOnce)}>
          {`Show more (${count(answers.length - shown)} left)`}
        </Button>
      )}
    </Paper>
  );
}
