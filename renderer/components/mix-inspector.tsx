/**
 * What mixing does to one answer: pick a token, see the best candidates of the weak, the strong and
 * the mixed model side by side, and how much wrong-token mass (hence gradient) mixing adds.
 */
import { Button, Group, Paper, SimpleGrid, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type {
  MixInspection,
  MixedPosition,
  TokenCandidate,
} from '../../main/contract/inspection.ts';
import type { RequestInput } from '../../main/contract/requests.ts';
import { useRequest } from '../bridge/use-request.ts';
import { percent, significant } from '../state/numbers.ts';
import { AmplificationCurve } from './amplification-curve.tsx';
import { Failure } from './failure.tsx';

const monospace = { input: { fontFamily: 'var(--mantine-font-family-monospace)' } };

/** A token as one sees it: line breaks and spaces are characters, too. */
function visible(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll(' ', '␣');
}

interface ListProps {
  title: string;
  role: 'weak' | 'strong' | 'mixed';
  candidates: TokenCandidate[];
  label: number;
  wrongMass: number;
}

const barColors = { weak: 'orange', strong: 'indigo', mixed: 'teal' } as const;

function CandidateList({ title, role, candidates, label, wrongMass }: ListProps) {
  return (
    <Paper p="sm" data-model={role}>
      <Text fw={600}>{title}</Text>
      <Text size="xs" c="dimmed" mb={6}>
        {`${percent(wrongMass)} on wrong tokens`}
      </Text>
      {candidates.map((candidate) => (
        <div key={candidate.id} style={{ position: 'relative', height: 22 }}>
          <div
            style={{
              background: `var(--mantine-color-${barColors[role]}-light)`,
              borderRadius: 2,
              height: 20,
              width: `${Math.max(0.5, candidate.probability * 100)}%`,
            }}
          />
          <Group
            gap="xs"
            wrap="nowrap"
            justify="space-between"
            px={6}
            style={{ inset: 0, position: 'absolute', height: 20 }}
          >
            <Text span className="mono ellipsis" fw={candidate.id === label ? 700 : 400}>
              {visible(candidate.text)}
              {candidate.id === label ? '  ◂ label' : ''}
            </Text>
            <Text span size="xs" style={{ flex: 'none' }}>
              {`${percent(candidate.probability)} · ${significant(candidate.logit, 3)}`}
            </Text>
          </Group>
        </div>
      ))}
    </Paper>
  );
}

function Position({
  inspection,
  at,
  lambda,
}: {
  inspection: MixInspection;
  at: MixedPosition;
  lambda: number;
}) {
  const label = at.label.id;
  return (
    <>
      <SimpleGrid cols={3} spacing="sm">
        <CandidateList
          title="Weak"
          role="weak"
          candidates={at.weak}
          label={label}
          wrongMass={at.weakNonTargetMass}
        />
        <CandidateList
          title="Strong"
          role="strong"
          candidates={at.strong}
          label={label}
          wrongMass={at.strongNonTargetMass}
        />
        <CandidateList
          title={`Mixed, λ ${lambda.toFixed(2)}`}
          role="mixed"
          candidates={at.mixed}
          label={label}
          wrongMass={at.mixedNonTargetMass}
        />
      </SimpleGrid>
      <AmplificationCurve
        lambdas={inspection.lambdas}
        token={at.amplification}
        mean={inspection.meanAmplification}
        lambda={lambda}
      />
    </>
  );
}

interface Props {
  strong: string;
  weak: string;
  lambda: number;
  prompt: string;
  completion: string;
}

export function MixInspector({ strong, weak, lambda, ...example }: Props) {
  const [prompt, setPrompt] = useState(example.prompt);
  const [completion, setCompletion] = useState(example.completion);
  const [asked, setAsked] = useState<Omit<RequestInput<'mix.inspect'>, 'lambda'> | null>(null);
  const [chosen, setChosen] = useState(0);
  const answer = useRequest('mix.inspect', asked === null ? null : { ...asked, lambda });
  const position = answer.data?.positions[Math.min(chosen, answer.data.positions.length - 1)];
  return (
    <Stack>
      <SimpleGrid cols={2}>
        <Textarea
          label="Prompt"
          autosize
          minRows={2}
          maxRows={8}
          styles={monospace}
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        <Textarea
          label="Answer"
          autosize
          minRows={2}
          maxRows={8}
          styles={monospace}
          value={completion}
          onChange={(event) => setCompletion(event.currentTarget.value)}
        />
      </SimpleGrid>
      <Group>
        <Button
          variant="light"
          disabled={prompt === '' || completion === ''}
          loading={answer.loading && answer.data === null}
          onClick={() => setAsked({ strong, weak, prompt, completion })}
        >
          Inspect the mixture
        </Button>
        <Text size="sm" c="dimmed">
          Both models run once over this answer.
        </Text>
      </Group>
      {answer.error !== null && <Failure error={answer.error} />}
      {answer.data !== null && (
        <Paper p="sm">
          <Text size="xs" c="dimmed" mb={4}>
            Answer tokens: choose one
          </Text>
          <Group gap={2}>
            {answer.data.positions.map((each, index) => (
              <Button
                key={each.position}
                size="compact-xs"
                variant={index === chosen ? 'filled' : 'default'}
                className="mono"
                aria-pressed={index === chosen}
                onClick={() => setChosen(index)}
              >
                {visible(each.label.text)}
              </Button>
            ))}
          </Group>
        </Paper>
      )}
      {answer.data !== null && position !== undefined && (
        <Position inspection={answer.data} at={position} lambda={lambda} />
      )}
    </Stack>
  );
}
