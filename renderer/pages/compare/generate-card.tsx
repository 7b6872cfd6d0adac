/** One prompt to all models: same sampling, same seed, answers side by side as they come. */
import { Button, Group, NumberInput, Paper, Text, Textarea } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ComparedModel } from '../../../main/contract/comparison.ts';
import type { GeneratedBeside } from '../../../main/contract/generation.ts';
import type { RequestInput } from '../../../main/contract/requests.ts';
import { GeneratedTexts } from '../../components/generated-texts.tsx';
import { useGeneration } from '../../state/use-generation.ts';
import { ModelName } from './compared-name.tsx';

interface Props {
  models: ComparedModel[];
  asked: RequestInput<'compare'>['models'];
  /** What they said in the end belongs to an exported comparison. */
  onDone: (generations: GeneratedBeside | null) => void;
}

export function GenerateCard({ models, asked, onDone }: Props) {
  const [prompt, setPrompt] = useState('');
  const [maxNewTokens, setMaxNewTokens] = useState(192);
  const [temperature, setTemperature] = useState(0);
  const [seed, setSeed] = useState(42);
  const generation = useGeneration();
  const isRunning = generation.status === 'running';
  useEffect(() => onDone(generation.done), [generation.done, onDone]);
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
          w={100}
          label="New tokens"
          min={1}
          max={8192}
          value={maxNewTokens}
          onChange={numeric(setMaxNewTokens)}
        />
        <NumberInput
          w={100}
          label="Temperature"
          min={0}
          max={5}
          step={0.1}
          value={temperature}
          onChange={numeric(setTemperature)}
        />
        <NumberInput
          w={80}
          label="Seed"
          min={0}
          disabled={temperature === 0}
          value={seed}
          onChange={numeric(setSeed)}
        />
        {isRunning ? (
          <Button variant="default" onClick={generation.stop}>
            Stop
          </Button>
        ) : (
          <Button
            disabled={prompt.trim() === ''}
            onClick={() =>
              generation.start({ models: asked, prompt, maxNewTokens, temperature, seed })
            }
          >
            Generate
          </Button>
        )}
      </Group>
      <GeneratedTexts
        state={generation}
        names={models.map((model, index) => (
          <ModelName key={model.label} model={model} index={index} />
        ))}
      />
    </Paper>
  );
}
