/** The paper's other baselines, each trained for as many steps as joint training takes. */
import { Group, NumberInput, Stack, Switch, Text } from '@mantine/core';
import { neftuneSchema, undialSchema } from '../../../main/contract/config.ts';
import type { StepProps } from './step-props.ts';

export function MoreBaselines({ draft, change }: StepProps) {
  const { neftune, undial } = draft;
  return (
    <Stack gap={2} mt="sm">
      <Group gap="xl" mih={28}>
        <Switch
          w={360}
          label="NEFTune: SFT with noise on the embeddings"
          checked={neftune !== null}
          onChange={(event) =>
            change({ neftune: event.currentTarget.checked ? neftuneSchema.parse({}) : null })
          }
        />
        {neftune !== null && (
          <Amount
            label="Noise α"
            value={neftune.alpha}
            onChange={(alpha) => change({ neftune: { alpha } })}
          />
        )}
      </Group>
      <Group gap="xl" mih={28}>
        <Switch
          w={360}
          label="UNDIAL: distillation with the target logit lowered"
          checked={undial !== null}
          onChange={(event) =>
            change({ undial: event.currentTarget.checked ? undialSchema.parse({}) : null })
          }
        />
        {undial !== null && (
          <Amount
            label="Strength"
            value={undial.strength}
            onChange={(strength) => change({ undial: { strength } })}
          />
        )}
      </Group>
    </Stack>
  );
}

function Amount(props: { label: string; value: number; onChange: (value: number) => void }) {
  const { label, value, onChange } = props;
  return (
    <Group gap="xs">
      <Text size="sm" c="dimmed" aria-hidden>
        {label}
      </Text>
      <NumberInput
        w={90}
        size="xs"
        min={0}
        aria-label={label}
        value={value}
        onChange={(next) => typeof next === 'number' && onChange(next)}
      />
    </Group>
  );
}
