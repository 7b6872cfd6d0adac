/** Item by item: what one model got right that the baseline did not, with both answers and their diff. */
import {
  Button,
  Group,
  Paper,
  SegmentedControl,
  Select,
  Text,
  UnstyledButton,
} from '@mantine/core';
import { IconCheck, IconChevronRight, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type {
  ComparedAnswer,
  ComparedItem,
  ComparedModel,
} from '../../../main/contract/comparison.ts';
import { questionOf } from '../../../main/contract/question-of.ts';
import { outcomes } from '../../state/answer-pairs.ts';
import type { Outcome } from '../../state/answer-pairs.ts';
import { outcomeOf } from '../../state/compared-items.ts';
import { count } from '../../state/numbers.ts';
import { wordDiff } from '../../state/word-diff.ts';
import { ModelName } from './compared-name.tsx';

const atOnce = 12;
const words: Record<Outcome, string> = {
  fixed: 'Fixed',
  broken: 'Broken',
  'both wrong': 'Still wrong',
  'both right': 'Both right',
};

function Diff({ before, after }: { before: string; after: string }) {
  return (
    <Text className="mono selectable diff">
      {wordDiff(before, after).map(({ kind, text }, index) =>
        kind === 'same' ? (
          <span key={index}>{text}</span>
        ) : kind === 'added' ? (
          <ins key={index}>{text}</ins>
        ) : (
          <del key={index}>{text}</del>
        ),
      )}
    </Text>
  );
}

function Answers({ item, models }: { item: ComparedItem; models: ComparedModel[] }) {
  const first = item.answers[0]?.text ?? '';
  return (
    <div className="compared-answers">
      <Text className="selectable" style={{ whiteSpace: 'pre-wrap' }}>
        {questionOf(item.prompt)}
      </Text>
      <div className="compared-texts">
        {item.answers.map((answer, index) => {
          const model = models[index];
          return (
            <div key={index} style={{ minWidth: 0 }}>
              {model !== undefined && <ModelName model={model} index={index} />}
              {answer === null ? (
                <Text c="dimmed">not evaluated</Text>
              ) : index === 0 ? (
                <Text className="mono selectable diff">{answer.text}</Text>
              ) : (
                <Diff before={first} after={answer.text} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Verdict({ given }: { given: ComparedAnswer | null }) {
  if (given === null) return <span className="verdict">–</span>;
  const { answer, correct } = given;
  const Icon = correct ? IconCheck : IconX;
  return (
    <span className={correct ? 'verdict good' : 'verdict bad'}>
      <Icon size={14} aria-label={correct ? 'right' : 'wrong'} />
      <span className="mono ellipsis">{answer === '' ? 'no answer' : answer}</span>
    </span>
  );
}

/** The first model beside the baseline that was evaluated on these items. */
function firstCandidate([item]: ComparedItem[]): number {
  return Math.max(1, item?.answers.findIndex((answer, model) => model > 0 && answer !== null) ?? 1);
}

interface Props {
  models: ComparedModel[];
  items: ComparedItem[];
  itemsLeftOut: number;
  title: string;
  /** An item picked elsewhere on the page: it is shown, opened. */
  picked: string | number | null;
}

export function ItemsCard({ models, items, itemsLeftOut, title, picked }: Props) {
  const [candidate, setCandidate] = useState(() => firstCandidate(items));
  // The first kind of which there are any.
  const [outcome, setOutcome] = useState<Outcome>(
    () =>
      outcomes.find((kind) => items.some((item) => outcomeOf(item, candidate) === kind)) ?? 'fixed',
  );
  const [open, setOpen] = useState<string | number | null>(null);
  const [shown, setShown] = useState(atOnce);
  useEffect(() => {
    const item = items.find(({ id }) => id === picked);
    if (item === undefined) return;
    setOutcome(outcomeOf(item, candidate) ?? 'both wrong');
    setOpen(item.id);
    setShown(items.length);
  }, [picked]);
  useEffect(() => {
    if (open === null || open !== picked) return;
    document
      .querySelector(`[data-item="${CSS.escape(String(open))}"]`)
      ?.scrollIntoView({ block: 'center' });
  }, [open, picked, outcome]);
  const of = (wanted: Outcome): ComparedItem[] =>
    items.filter((item) => outcomeOf(item, candidate) === wanted);
  const listed = of(outcome);
  const columns = {
    gridTemplateColumns: `18px minmax(0, 2fr) 90px repeat(${models.length}, minmax(0, 1fr))`,
  };
  return (
    <Paper p="md">
      <Group justify="space-between" mb="sm">
        <Text component="h2" fw={600} m={0}>
          {title}
        </Text>
        <Group gap="sm">
          {models.length > 2 && (
            <Select
              size="xs"
              w={260}
              aria-label="Model set against the baseline"
              allowDeselect={false}
              data={models
                .slice(1)
                .map(({ label }, index) => ({ value: String(index + 1), label }))}
              value={String(candidate)}
              onChange={(value) => setCandidate(Number(value))}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="Which items"
            value={outcome}
            onChange={(value) => {
              setOutcome(value as Outcome);
              setShown(atOnce);
            }}
            data={outcomes.map((value) => ({
              value,
              label: `${words[value]} ${count(of(value).length)}`,
            }))}
          />
        </Group>
      </Group>
      <div role="group" aria-label={title}>
        <div className="compared-row compared-heading" style={columns}>
          <span />
          <span>Item</span>
          <span>Expected</span>
          {models.map((model, index) => (
            <ModelName key={model.label} model={model} index={index} />
          ))}
        </div>
        {listed.slice(0, shown).map((item) => (
          <div key={JSON.stringify(item.id)} className="compared-item" data-item={item.id}>
            <UnstyledButton
              className="compared-row focusable"
              style={columns}
              aria-expanded={open === item.id}
              onClick={() => setOpen(open === item.id ? null : item.id)}
            >
              <IconChevronRight
                size={14}
                style={{ transform: open === item.id ? 'rotate(90deg)' : 'none' }}
              />
              <span className="ellipsis" title={String(item.id)}>
                {questionOf(item.prompt).replace(/\s+/g, ' ')}
              </span>
              <span className="mono ellipsis">{item.expected}</span>
              {item.answers.map((given, index) => (
                <Verdict key={index} given={given} />
              ))}
            </UnstyledButton>
            {open === item.id && <Answers item={item} models={models} />}
          </div>
        ))}
        {listed.length === 0 && (
          <Text c="dimmed" ta="center" py="lg">
            No item of this kind.
          </Text>
        )}
      </div>
      {listed.length > shown && (
        <Button variant="subtle" fullWidth onClick={() => setShown(shown + 5 * atOnce)}>
          {`Show more (${count(listed.length - shown)} left)`}
        </Button>
      )}
      {itemsLeftOut > 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          {`${count(itemsLeftOut)} more items are counted above and not listed here.`}
        </Text>
      )}
    </Paper>
  );
}
