/** One prompt, one or two models: the answers side by side, same seed and sampling. */
import {
  Button,
  Group,
  NumberInput,
  Paper,
  SimpleGrid,
  Stack,
  Text,
  Textarea,
} from '@mantine/core';
import { useState } from 'react';
import type { Generation } from '../../main/contract/inspection.ts';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import { ask, failureDetails } from '../bridge/bridge.ts';
import { useAction } from '../bridge/actions.tsx';
import { Failure } from '../components/failure.tsx';
import { Page } from '../components/page.tsx';
import { PathField } from '../components/path-field.tsx';
import { count, duration } from '../state/numbers.ts';
import { useShared } from '../state/store.ts';

type Outcome = { model: string; answer: Generation } | { model: string; error: ErrorDetails };

function Answer({ outcome }: { outcome: Outcome }) {
  if ('error' in outcome) return <Failure error={outcome.error} />;
  const { answer, model } = outcome;
  const why = answer.finishReason === 'stop' ? 'ended by itself' : 'reached the limit';
  return (
    <Paper p="md">
      <Text size="xs" c="dimmed" className="ellipsis" title={model}>
        {model}
      </Text>
      <Text className="mono selectable" my="sm" style={{ whiteSpace: 'pre-wrap' }}>
        {answer.text}
      </Text>
      <Text size="xs" c="dimmed">
        {`${count(answer.ids.length)} tokens in ${duration(answer.seconds)}, ${why}`}
      </Text>
    </Paper>
  );
}

export function GeneratePage({ asked }: { asked: string | undefined }) {
  const { settings } = useShared();
  const recent = settings?.recentModels ?? [];
  const [first, setFirst] = useState(asked === undefined ? '' : decodeURIComponent(asked));
  const [second, setSecond] = useState('');
  const [prompt, setPrompt] = useState('');
  const [maxNewTokens, setMaxNewTokens] = useState(128);
  const [temperature, setTemperature] = useState(0);
  const [seed, setSeed] = useState(42);
  const [outcomes, setOutcomes] = useState<Outcome[]>([]);
  const generate = useAction(async () => {
    setOutcomes([]);
    for (const model of [first, second].filter((path) => path !== '')) {
      const outcome: Outcome = await ask('generate', {
        model,
        prompt,
        maxNewTokens,
        temperature,
        seed,
      }).then(
        (answer) => ({ model, answer }),
        (error: unknown) => ({ model, error: failureDetails(error) }),
      );
      setOutcomes((before) => [...before, outcome]);
    }
  });
  const number = (set: (value: number) => void) => (value: number | string) => {
    if (typeof value === 'number') set(value);
  };
  return (
    <Page title="Generate">
      <Stack>
        <PathField label="Model" kind="folder" value={first} recent={recent} onChange={setFirst} />
        <PathField
          label="Second model, to compare"
          kind="folder"
          value={second}
          recent={recent}
          onChange={setSecond}
        />
        <Textarea
          label="Prompt"
          autosize
          minRows={3}
          maxRows={12}
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        <Group align="flex-end">
          <NumberInput
            w={130}
            label="New tokens"
            min={1}
            max={8192}
            value={maxNewTokens}
            onChange={number(setMaxNewTokens)}
          />
          <NumberInput
            w={130}
            label="Temperature"
            min={0}
            max={5}
            step={0.1}
            value={temperature}
            onChange={number(setTemperature)}
          />
          <NumberInput w={110} label="Seed" min={0} value={seed} onChange={number(setSeed)} />
          <Button
            ml="auto"
            size="sm"
            loading={generate.busy}
            disabled={first === '' || prompt === ''}
            onClick={() => generate.go()}
          >
            Generate
          </Button>
        </Group>
        <SimpleGrid cols={{ base: 1, md: Math.max(1, outcomes.length) }}>
          {outcomes.map((outcome) => (
            <Answer key={outcome.model} outcome={outcome} />
          ))}
        </SimpleGrid>
      </Stack>
    </Page>
  );
}
