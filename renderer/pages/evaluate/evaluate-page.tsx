/** Evaluate: any checkpoints on any benchmark, in the background; results with their uncertainty. */
import { Button, Group, Stack } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from 'wouter';
import { act } from '../../bridge/actions.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { modelName } from '../../state/model-name.ts';
import { useEvaluations } from '../../state/use-evaluations.ts';
import { EvaluateForm } from './evaluate-form.tsx';
import { EvaluationTable } from './evaluation-table.tsx';
import { EvaluationView } from './evaluation-view.tsx';
import { JobList } from './job-list.tsx';

interface Props {
  /** A finished evaluation to look into. */
  shown: string | undefined;
  /** Models to evaluate, each URI-encoded, with commas. */
  model: string | undefined;
}

export function EvaluatePage({ shown, model }: Props) {
  const evaluations = useEvaluations();
  const evaluation = evaluations?.finished.find(({ id }) => id === shown);
  if (evaluation !== undefined) {
    const { summary, folder } = evaluation;
    return (
      <Page
        title={`${modelName(summary.model.adapter ?? summary.model.path)} on ${summary.task.title}`}
        actions={
          <Group gap="sm" wrap="nowrap">
            <Button
              variant="default"
              component={Link}
              href="/evaluate"
              leftSection={<IconArrowLeft size={14} />}
            >
              All evaluations
            </Button>
            <Button
              variant="default"
              onClick={() => void act('file.reveal', { path: `${folder}/summary.json` })}
            >
              Show folder
            </Button>
          </Group>
        }
      >
        <EvaluationView evaluation={evaluation} />
      </Page>
    );
  }
  return (
    <Page title="Evaluate">
      <Stack gap="lg">
        <EvaluateForm
          key={model ?? ''}
          asked={model === undefined ? [] : model.split(',').map(decodeURIComponent)}
        />
        {evaluations !== null && evaluations.jobs.length > 0 && <JobList jobs={evaluations.jobs} />}
        {evaluations !== null && evaluations.finished.length > 0 && (
          <EvaluationTable finished={evaluations.finished} />
        )}
        {evaluations?.jobs.length === 0 && evaluations.finished.length === 0 && (
          <EmptyState
            title="No evaluation yet"
            text="Benchmarks are read from your own files, in the layouts they are published in; nothing is downloaded. Every generation is kept, and an evaluation that was stopped goes on where it was."
          />
        )}
      </Stack>
    </Page>
  );
}
