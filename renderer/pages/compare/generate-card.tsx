/** One prompt to all models: same sampling, same seed, answers side by side as they come. */
import { Button, Group, NumberInput, Paper, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { ComparedModel } from '../../../main/contract/comparison.ts';
import type { ErrorDetails } from '../../../main/contract/errors.ts';
import type { Generation } from '../../../main/contract/inspection.ts';
import { ask, failureDetails } from '../../bridge/bridge.ts';
import { useAction } from '../../bridge/actions.tsx';
import { Failure } from '../../components/failure.tsx';
import { count, duration } from '../../state/numbers.ts';
import { ModelName } from './scores-card.tsx';

type Outcome = { answer: Generation } | { error: ErrorDetails };

function Answer({ outcome }: { outcome: Outcome | undefined }) {
  if (outcome === undefined) return <Text c="dimmed">waiting…</Text>;
  if ('error' in outcome) return <Failure error={outcome.error} />;
  const { ids, seconds, finishReason, text } = outcome.answer;
  const end = finishReason === 'stop' ? 'ended by itself' : 'reached the limit';
  return (
    <>
      <Text className="mono selectable diff">{text}</Text>
      <Text size="xs" c="dimmed" mt={4}>
        {`${count(ids.length)} tokens in ${duration(seconds)}, ${end}`}
      </Text>
    </>
  );
}

export function GenerateCard({ models }: { models: ComparedModel[] }) {
  const [prompt, setPrompt] = useState('');
  const [temperature, setTemperature] = useState(0);
  const [seed, setSeed] = useState(42);
  const [outcomes, setOutcomes] = useState<Outcome[] | null>(null);
  const generate = useAction(async () => {
    setOutcomes([]);
    for (const { folder, label } of models) {
      const outcome: Outcome = await ask('generate', {
        model: folder ?? label,
        prompt,
        temperature,
        seed,
        maxNewTokens: 192,
      }).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error: failureDetails(error) }),
      );
      setOutcomes((before) => [...(before ?? []), outcome]);
    }
  });
  const numeric = (set: (value: number) => void) => (value: number | string) => {
    if (typeof value === 'number') set(value);
  };
  return (
    <Paper p="md">
      <Text component="h2" fw={600} m={0} mb="sm">
        Ask them all
      </Text>
      <Group align="flex-end" wrap="nowrap">
        <Textarea
          flex={1}
          label="Prompt"
          placeholder="A question for all of these models"
          autosize
          minRows={1}
          maxRows={8}
          value={prompt}
          onChange={(event) => setPrompt(event.currentTarget.value)}
        />
        <NumberInput
          w={110}
          label="Temperature"
          min={0}
          max={5}
          step={0.1}
          value={temperature}
          onChange={numeric(setTemperature)}
        />
        <NumberInput
          w={90}
          label="Seed"
          min={0}
          disabled={temperature === 0}
          value={seed}
          onChange={numeric(setSeed)}
        />
        <Button
          loading={generate.busy}
          disabled={prompt.trim() === ''}
          onClick={() => generate.go()}
        >
          Generate
        </Button>
      </Group>
      {outcomes !== null && (
        <div className="compared-texts" style={{ marginTop: 12 }}>
          {models.map((model, index) => (
            <div key={model.label} style={{ minWidth: 0 }}>
              <ModelName model={model} index={index} />
              <Answer outcome={outcomes[index]} />
            </div>
          ))}
        </div>
      )}
    </Paper>
  );
}
