/** The wizard: presets first, then one decision per step; the review is the YAML of `wds run`. */
import { Button, Group, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { IconCheck, IconPoint } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import { ask } from '../../bridge/bridge.ts';
import { tellFailure } from '../../bridge/actions.tsx';
import { draftFrom, openQuestions, stepTitles, wizardSteps } from '../../state/draft.ts';
import type { Draft, WizardStep } from '../../state/draft.ts';
import { dropDraft, freshDraft, keepDraft, readDraft } from '../../state/kept-draft.ts';
import type { KeptDraft } from '../../state/kept-draft.ts';
import { Page } from '../../components/page.tsx';
import { CurriculumStep } from './curriculum-step.tsx';
import { DataStep } from './data-step.tsx';
import { MixingStep } from './mixing-step.tsx';
import { ModelStep } from './model-step.tsx';
import { OptimisationStep } from './optimisation-step.tsx';
import { ReviewStep } from './review-step.tsx';
import { StartStep } from './start-step.tsx';
import { WeakStep } from './weak-step.tsx';
import type { StepProps } from './step-props.ts';

const steps = {
  model: ModelStep,
  data: DataStep,
  weak: WeakStep,
  curriculum: CurriculumStep,
  mixing: MixingStep,
  optimisation: OptimisationStep,
  review: ReviewStep,
} satisfies Record<Exclude<WizardStep, 'start'>, (props: StepProps) => React.ReactNode>;

/** The draft of a run to duplicate, perhaps with other curriculum weights ("alpha,beta,gamma"). */
async function draftOf(runId: string, weights: string | undefined): Promise<Draft> {
  const draft = draftFrom(await ask('runs.duplicate', { runId }));
  const [alpha, beta, gamma] = (weights ?? '').split(',').map(Number);
  if (alpha === undefined || beta === undefined || gamma === undefined) return draft;
  return { ...draft, curriculum: { ...draft.curriculum, alpha, beta, gamma } };
}

interface Props {
  /** A run to start from, loaded into the draft; then the address is that of the draft. */
  from: string | undefined;
  weights: string | undefined;
}

export function NewRunPage({ from, weights }: Props) {
  const [, navigate] = useLocation();
  const [kept, setKept] = useState<KeptDraft>(readDraft);
  const { draft, step, visited } = kept;
  useEffect(() => {
    if (from === undefined && step !== 'start') keepDraft(kept);
  }, [from, step, kept]);
  useEffect(() => {
    if (from === undefined) return;
    draftOf(from, weights).then((made) => {
      keepDraft({ draft: made, step: 'review', visited: [...wizardSteps] });
      navigate('/new', { replace: true });
    }, tellFailure);
  }, [from, weights, navigate]);

  const change = (part: Partial<Draft>): void =>
    setKept((before) => ({ ...before, draft: { ...before.draft, ...part } }));
  const visit = (next: WizardStep, chosen?: Draft): void =>
    setKept((before) => ({
      draft: chosen ?? before.draft,
      step: next,
      visited: [...new Set([...before.visited, next])],
    }));
  const discard = (): void => {
    dropDraft();
    setKept(freshDraft());
  };
  const open = openQuestions(draft);
  const index = wizardSteps.indexOf(step);
  const go = (by: number): void => visit(wizardSteps[index + by] ?? step);
  const Content = step === 'start' ? null : steps[step];
  return (
    <Page
      title="New run"
      actions={
        step !== 'start' && (
          <Button variant="default" onClick={discard}>
            Discard draft
          </Button>
        )
      }
    >
      <Group align="flex-start" gap={32} wrap="nowrap">
        <Stack
          component="nav"
          aria-label="Steps"
          gap={2}
          w={150}
          style={{ flex: 'none', position: 'sticky', top: 0 }}
        >
          {wizardSteps.map((name) => {
            const missing = open.some((question) => question.step === name);
            return (
              <UnstyledButton
                key={name}
                className="rail-link"
                aria-current={name === step ? 'page' : undefined}
                onClick={() => visit(name)}
              >
                {missing || !visited.includes(name) ? (
                  <IconPoint size={14} color="var(--mantine-color-dimmed)" />
                ) : (
                  <IconCheck size={14} color="var(--mantine-color-teal-6)" />
                )}
                <span>{stepTitles[name]}</span>
              </UnstyledButton>
            );
          })}
        </Stack>
        <Stack gap="lg" style={{ flex: 1, minWidth: 0 }}>
          <Title order={2}>{stepTitles[step]}</Title>
          {Content === null ? (
            <StartStep onChoose={(chosen, then) => visit(then, chosen)} />
          ) : (
            <Content draft={draft} change={change} />
          )}
          {step !== 'start' && (
            <Group justify="space-between" mt="md">
              <Button variant="default" onClick={() => go(-1)}>
                Back
              </Button>
              {step !== 'review' && (
                <Group>
                  <Text size="sm" c="dimmed">
                    {open.find((question) => question.step === step)?.text ?? ''}
                  </Text>
                  <Button
                    onClick={() => go(1)}
                  >{`Next: ${stepTitles[wizardSteps[index + 1] ?? step]}`}</Button>
                </Group>
              )}
            </Group>
          )}
        </Stack>
      </Group>
    </Page>
  );
}
