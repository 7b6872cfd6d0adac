/** Lambda, and whether the weak agent learns too; with a look at what the mixture does to an answer. */
import { Alert, Group, Paper, Slider, Stack, Switch, Text } from '@mantine/core';
import { MixInspector } from '../../components/mix-inspector.tsx';
import { WhyNote } from '../../components/why-note.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import type { StepProps } from './step-props.ts';

export function MixingStep({ draft, change }: StepProps) {
  const { joint } = draft;
  const set = (part: Partial<typeof joint>): void => change({ joint: { ...joint, ...part } });
  const ready = draft.model !== '' && draft.data.file !== '';
  const rows = useRequest(
    'data.preview',
    ready
      ? {
          model: draft.model,
          data: draft.data,
          maxLength: draft.batch.maxLength,
          lossOn: draft.lossOn,
          rows: 1,
        }
      : null,
  );
  const tokens = rows.data?.shown[0]?.tokens ?? [];
  const text = (trained: boolean): string =>
    tokens
      .filter((token) => token.trained === trained)
      .map((token) => token.text)
      .join('');
  const weakIsThere = !draft.weak.startsWith('checkpoint:');
  const weak = draft.weak === 'base' ? draft.model : draft.weak;
  return (
    <Stack>
      <WhyNote id="mixing">
        z_mix = (1 − λ) z_weak + λ z_strong. At λ = 1 this is plain SFT of the strong model; the
        lower λ, the more of the weak agent’s doubt comes back into the gradient.
      </WhyNote>
      <Paper p="md">
        <Group gap="xl" align="flex-start">
          <div style={{ flex: 1, minWidth: 260 }}>
            <Group justify="space-between">
              <Text size="sm" fw={500}>
                λ, share of the strong model
              </Text>
              <Text size="sm">{joint.lambda.toFixed(2)}</Text>
            </Group>
            <Slider
              min={0}
              max={1}
              step={0.01}
              label={null}
              color="teal"
              thumbLabel="Lambda"
              value={joint.lambda}
              onChange={(lambda) => set({ lambda })}
              marks={[
                { value: 0.42, label: '0.42' },
                { value: 0.5, label: '0.5' },
                { value: 1, label: 'SFT' },
              ]}
              mb="lg"
            />
          </div>
          <Stack gap="sm" mt={22} maw={300}>
            <Switch
              label="Freeze the weak agent"
              description="The reference trains both"
              checked={joint.freezeWeak}
              onChange={({ currentTarget: { checked } }) =>
                set({ freezeWeak: checked, ...(!checked && { cacheWeak: 'auto' }) })
              }
            />
            {joint.freezeWeak && (
              <Switch
                label="Keep its states on disk"
                description="Computed once, read in every step and by later runs; its weights then take no memory"
                checked={joint.cacheWeak === 'on'}
                onChange={({ currentTarget: { checked } }) =>
                  set({ cacheWeak: checked ? 'on' : 'auto' })
                }
              />
            )}
          </Stack>
        </Group>
      </Paper>
      {(joint.lambda === 0 || joint.lambda === 1) && (
        <Alert
          color="yellow"
          title={
            joint.lambda === 1
              ? 'λ = 1: the weak agent has no effect'
              : 'λ = 0: the strong model gets no gradient'
          }
        />
      )}
      {!weakIsThere && (
        <Text size="sm" c="dimmed">
          The weak agent is a checkpoint this run has yet to make: there is nothing to inspect
          before.
        </Text>
      )}
      {weakIsThere && weak !== '' && weak === draft.model && (
        <Text size="sm" c="dimmed">
          Weak and strong are still the same model: the strong one only comes out of SFT. Mixing
          shows no difference here until then; on a finished run’s result it does.
        </Text>
      )}
      {weakIsThere && ready && rows.data !== null && (
        <MixInspector
          key={`${draft.model}|${weak}|${text(true)}`}
          strong={draft.model}
          weak={weak}
          lambda={joint.lambda}
          prompt={text(false)}
          completion={text(true)}
        />
      )}
    </Stack>
  );
}
