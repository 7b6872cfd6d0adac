/** Evaluations in work and those that wait: how far, how good so far, how long still. */
import { Button, Group, Paper, Progress, Stack, Text, Tooltip } from '@mantine/core';
import type { EvaluationJob } from '../../../main/contract/evaluation-jobs.ts';
import { act } from '../../bridge/actions.tsx';
import { Failure } from '../../components/failure.tsx';
import { benchmarkTitles } from '../../state/evaluation-form.ts';
import { count, duration, lastPart, percent } from '../../state/numbers.ts';
import { modelName } from '../../state/model-name.ts';

const words: Record<EvaluationJob['status'], string> = {
  waiting: 'waiting for its turn; runs come first',
  running: 'reading the data and loading the model',
  stopping: 'stopping after this step',
  stopped: 'stopped; what is finished is kept',
  failed: 'failed',
};

function stateText({ status, started, progress }: EvaluationJob): string {
  if (progress === undefined || status !== 'running') {
    if (status !== 'running' || started === undefined) return words[status];
    return `${count(started.kept)} of ${count(started.generations)} kept, loading the model`;
  }
  const { done, generations, correct, tokensPerSecond, remaining } = progress;
  const share = done === 0 ? [] : [`${percent(correct / done)} correct so far`];
  const left = remaining === undefined ? [] : [`about ${duration(remaining)} left`];
  return [
    `${count(done)} of ${count(generations)}`,
    ...share,
    `${count(tokensPerSecond)} tok/s`,
    ...left,
  ].join(' · ');
}

function Job({ job }: { job: EvaluationJob }) {
  const { id, request, status, started, progress, error } = job;
  const title = Object.hasOwn(benchmarkTitles, request.task)
    ? benchmarkTitles[request.task as keyof typeof benchmarkTitles].split(':')[0]
    : lastPart(request.task);
  const total = progress?.generations ?? started?.generations ?? 0;
  const done = progress?.done ?? started?.kept ?? 0;
  const inWork = status === 'running' || status === 'stopping';
  return (
    <Paper p="md" data-evaluation={status}>
      <Group justify="space-between" wrap="nowrap">
        <Tooltip label={request.model}>
          <Text fw={600} className="ellipsis">
            {`${modelName(request.model)} on ${title}`}
          </Text>
        </Tooltip>
        <Group gap="sm" wrap="nowrap">
          {(inWork || status === 'waiting') && (
            <Button
              variant="default"
              disabled={status === 'stopping'}
              onClick={() => void act('evaluations.stop', { id })}
            >
              Stop
            </Button>
          )}
          {(status === 'stopped' || status === 'failed') && (
            <>
              <Button onClick={() => void act('evaluations.resume', { id })}>
                {status === 'failed' ? 'Try again' : 'Go on'}
              </Button>
              <Button
                variant="default"
                onClick={() => void act('evaluations.remove', { id })}
                aria-label={`Remove ${modelName(request.model)} from the list`}
              >
                Remove
              </Button>
            </>
          )}
        </Group>
      </Group>
      <Text size="sm" c="dimmed" aria-live="polite">
        {stateText(job)}
      </Text>
      {total > 0 && (
        <Progress
          mt="xs"
          size="sm"
          value={(done / total) * 100}
          animated={inWork}
          aria-label={`${count(done)} of ${count(total)} generations`}
        />
      )}
      {started?.warnings.map((warning) => (
        <Text key={warning} size="xs" mt={4} c="var(--ink-warning)">
          {warning}
        </Text>
      ))}
      {error !== undefined && (
        <div style={{ marginTop: 8 }}>
          <Failure error={error} />
        </div>
      )}
    </Paper>
  );
}

export function JobList({ jobs }: { jobs: EvaluationJob[] }) {
  return (
    <Stack gap="sm" role="group" aria-label="Evaluations in work">
      {jobs.map((job) => (
        <Job key={job.id} job={job} />
      ))}
    </Stack>
  );
}
