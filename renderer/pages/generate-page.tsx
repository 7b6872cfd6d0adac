/** One prompt, one or two models: the answers side by side, same seed and sampling. */
import { Button, Group, NumberInput, Paper, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { GeneratedTexts } from '../components/generated-texts.tsx';
import { Page } from '../components/page.tsx';
import { PathField } from '../components/path-field.tsx';
import { useShared } from '../state/store.ts';
import { useGeneration } from '../state/use-generation.ts';

export function GeneratePage({ asked }: { asked: string | undefined }) {
  const { settings } = useShared();
  const recent = settings?.recentModels ?? [];
  const [first, setFirst] = useState(asked === undefined ? '' : decodeURIComponent(asked));
  const [second, setSecond] = useState('');
  const [prompt, setPrompt] = useState('');
  const [maxNewTokens, setMaxNewTokens] = useState(128);
  const [temperature, setTemperature] = useState(0);
  const [seed, setSeed] = useState(42);
  const generation = useGeneration();
  const [models, setModels] = useState<string[]>([]);
  const start = (): void => {
    const chosen = [first, second].filter((path) => path !== '');
    setModels(chosen);
    generation.start({
      models: chosen.map((path) => ({ path })),
      prompt,
      maxNewTokens,
      temperature,
      seed,
    });
  };
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
          {generation.status === 'running' ? (
            <Button ml="auto" size="sm" variant="default" onClick={generation.stop}>
              Stop
            </Button>
          ) : (
            <Button ml="auto" size="sm" disabled={first === '' || prompt === ''} onClick={start}>
              Generate
            </Button>
          )}
        </Group>
        {generation.status !== null && (
          <Paper p="md">
            <GeneratedTexts
              state={generation}
              names={models.map((model) => (
                <Text key={model} size="xs" c="dimmed" className="ellipsis" title={model}>
                  {model}
                </Text>
              ))}
            />
          </Paper>
        )}
      </Stack>
    </Page>
  );
}
