/** The exact YAML that `wds run` takes, and the buttons that start it. */
import { Button, Group, Paper, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useLocation } from 'wouter';
import { act, useAction } from '../../bridge/actions.tsx';
import { ask } from '../../bridge/bridge.ts';
import { useRequest } from '../../bridge/use-request.ts';
import { Failure } from '../../components/failure.tsx';
import { PlanPanel } from '../../components/plan-panel.tsx';
import { openQuestions } from '../../state/draft.ts';
import { dropDraft } from '../../state/kept-draft.ts';
import { changeSettings, useShared } from '../../state/store.ts';
import type { StepProps } from './step-props.ts';

function withRecent(recent: string[], value: string): string[] {
  return [value, ...recent.filter((known) => known !== value)].slice(0, 12);
}

export function ReviewStep({ draft, change }: StepProps) {
  const [, go] = useLocation();
  const { settings, runs } = useShared();
  const open = openQuestions(draft);
  const [settled] = useDebouncedValue(draft, 250);
  const yaml = useRequest('config.write', open.length > 0 ? null : { config: { ...settled } });
  const create = useAction(async (start: 'now' | 'queued' | 'later') => {
    const run = await ask('runs.create', { config: { ...draft }, start });
    if (settings !== null) {
      changeSettings({
        recentModels: withRecent(settings.recentModels, draft.model),
        recentDataFiles: withRecent(settings.recentDataFiles, draft.data.file),
      });
    }
    dropDraft();
    go(start === 'now' ? `/runs/${run.id}` : '/runs');
  });
  const busy = (runs ?? []).some(({ status }) => status === 'running');
  return (
    <Stack>
      <TextInput
        label="Name"
        placeholder="made from the time when left empty"
        maxLength={80}
        value={draft.name ?? ''}
        onChange={(event) => {
          const name = event.currentTarget.value;
          const { name: _old, ...rest } = draft;
          change(name === '' ? { ...rest, name: undefined as never } : { name });
        }}
      />
      {open.map(({ text }) => (
        <Failure
          key={text}
          error={{
            code: 'config-invalid',
            message: text,
            hint: 'Go back to the step on the left.',
          }}
        />
      ))}
      <PlanPanel draft={open.length > 0 ? null : settled} />
      {yaml.error !== null && <Failure error={yaml.error} />}
      {yaml.data !== null && (
        <Paper p="md">
          <pre
            className="mono selectable"
            style={{ margin: 0, whiteSpace: 'pre-wrap' }}
            aria-label="Configuration"
          >
            {yaml.data}
          </pre>
        </Paper>
      )}
      <Group>
        <Button
          disabled={open.length > 0 || create.busy}
          onClick={() => create.go(busy ? 'queued' : 'now')}
        >
          {busy ? 'Add to the queue' : 'Start the run'}
        </Button>
        <Button
          variant="default"
          disabled={open.length > 0 || create.busy}
          onClick={() => create.go('later')}
        >
          Keep for later
        </Button>
        <Button
          variant="default"
          ml="auto"
          disabled={yaml.data === null}
          onClick={() =>
            void act('dialog.save', { suggestedName: 'run.yaml', content: yaml.data ?? '' })
          }
        >
          Save YAML…
        </Button>
      </Group>
    </Stack>
  );
}
