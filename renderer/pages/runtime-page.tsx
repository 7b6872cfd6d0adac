/**
 * First start of the packaged app: the one thing it does not bring along is fetched here, with a bar
 * that says how far. When it is done the app takes this page's place.
 */
import { Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { PendingSetup, SetupProgress } from '../../main/contract/runtime.ts';
import { ask, failureDetails, onPush } from '../bridge/bridge.ts';
import { Failure } from '../components/failure.tsx';
import { LogoMark } from '../components/logo-mark.tsx';
import { bytes, duration } from '../state/numbers.ts';

interface Watched extends SetupProgress {
  started: number;
}

/** Seconds still to go in this step at the speed so far; undefined until that can be said. */
function remaining({ fraction, started }: Watched, now: number): number | undefined {
  const seconds = (now - started) / 1000;
  if (fraction === null || fraction < 0.02 || seconds < 2) return undefined;
  return (seconds / fraction) * (1 - fraction);
}

/** "unpacking" gets a capital; "tensorflow-cpu 2.21.0, ..." is a name and stays. */
function asHeading(title: string): string {
  return /^[a-z]+\b(?!-)/.test(title) ? title.charAt(0).toUpperCase() + title.slice(1) : title;
}

function Bar({ step }: { step: Watched }) {
  const left = remaining(step, Date.now());
  const share = step.fraction === null ? null : Math.floor(step.fraction * 100);
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap">
        <Text>{asHeading(step.title)}</Text>
        <Text c="dimmed">
          {share === null ? '' : `${share} %`}
          {left === undefined ? '' : ` · ${duration(left)} left`}
        </Text>
      </Group>
      <Progress
        value={share ?? 100}
        animated={share === null}
        size="lg"
        aria-label={`Set-up: ${step.title}`}
      />
    </Stack>
  );
}

export function RuntimePage({ pending, onSkip }: { pending: PendingSetup; onSkip: () => void }) {
  const [step, setStep] = useState<Watched | null>(null);
  const [error, setError] = useState<ErrorDetails | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(
    () =>
      onPush('setup', (next) =>
        setStep((before) => ({
          ...next,
          started: before?.title === next.title ? before.started : Date.now(),
        })),
      ),
    [],
  );
  const start = (): void => {
    setBusy(true);
    setError(null);
    ask('runtime.setUp', {})
      .catch((failure: unknown) => setError(failureDetails(failure)))
      .finally(() => {
        setBusy(false);
        setStep(null);
      });
  };
  const kind = pending.build === 'cuda' ? 'for NVIDIA GPUs' : 'for the processor';
  return (
    <main className="first-start">
      <Paper p="xl" w={560} withBorder>
        <Stack gap="md">
          <Group gap="sm">
            <LogoMark size={28} />
            <Title order={1}>Weak-Driven Studio</Title>
          </Group>
          <Text>
            {`Models are trained by TensorFlow ${pending.tensorflow}, which is not on this machine yet. The build ${kind} is fetched once (${bytes(pending.downloadBytes)} from the Python package index that pip is set to) and checked against its known hash. Nothing else is downloaded, and nothing is sent.`}
          </Text>
          <Text c="dimmed" className="selectable">
            {`Needs ${bytes(pending.diskBytes)} of disk while it is unpacked, in `}
            <span className="mono">{pending.folder}</span>
          </Text>
          {error !== null && <Failure error={error} />}
          {busy ? (
            <Bar step={step ?? { title: 'starting', fraction: null, started: Date.now() }} />
          ) : (
            <Group>
              <Button size="sm" onClick={start} autoFocus>
                {error === null ? 'Set up TensorFlow' : 'Try again'}
              </Button>
              <Button size="sm" variant="default" onClick={onSkip}>
                Only look at runs
              </Button>
            </Group>
          )}
        </Stack>
      </Paper>
    </main>
  );
}
