/** The run's configuration as the YAML that `wds run` takes. */
import { Button, Group, Paper, Stack } from '@mantine/core';
import { useLocation } from 'wouter';
import type { RunConfig } from '../../../main/contract/config.ts';
import type { RunSummary } from '../../../main/contract/runs.ts';
import { act } from '../../bridge/actions.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import { LongText } from '../../components/long-text.tsx';

interface Props {
  run: RunSummary;
  config: RunConfig;
  directory: string;
}

export function ConfigTab({ run, config, directory }: Props) {
  const [, go] = useLocation();
  const yaml = useRequest('config.write', { config: { ...config } });
  return (
    <Stack className="measure">
      <Group>
        <Button variant="default" onClick={() => go(`/new/${run.id}`)}>
          Duplicate with changes…
        </Button>
        <Button
          variant="default"
          onClick={() => void act('clipboard.write', { text: yaml.data ?? '' })}
          disabled={yaml.data === null}
        >
          Copy YAML
        </Button>
        <Button variant="default" onClick={() => void act('runs.reveal', { runId: run.id })}>
          Show folder
        </Button>
      </Group>
      <LongText text={directory} length={110} mono />
      <Paper p="md">
        <pre className="mono selectable" style={{ margin: 0, whiteSpace: 'pre-wrap' }}>
          {yaml.data ?? yaml.error?.message ?? ''}
        </pre>
      </Paper>
    </Stack>
  );
}
