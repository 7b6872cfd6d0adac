/** How it is trained, and whether that fits this machine. */
import { NumberInput, Paper, Select, SimpleGrid, Stack, Switch, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { loraSchema, type RunConfig } from '../../../main/contract/config.ts';
import { PlanPanel } from '../../components/plan-panel.tsx';
import { MoreBaselines } from './more-baselines.tsx';
import type { StepProps } from './step-props.ts';

interface NumberProps {
  label: string;
  value: number | undefined;
  min?: number;
  step?: number;
  placeholder?: string;
  onChange: (value: number | undefined) => void;
}

function NumberField({ label, value, min = 0, step = 1, placeholder, onChange }: NumberProps) {
  return (
    <NumberInput
      label={label}
      min={min}
      step={step}
      value={value ?? ''}
      {...(placeholder === undefined ? {} : { placeholder })}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  );
}

/** Whole passes or steps, never both. */
function durationOf(
  epochs: number | undefined,
  steps: number | undefined,
): { epochs?: number; steps?: number } {
  if (steps !== undefined) return { steps };
  return epochs === undefined ? {} : { epochs };
}

export function OptimisationStep({ draft, change }: StepProps) {
  const { sft, joint, optimizer, schedule, batch, lora, precision, checkpoints } = draft;
  const [settled] = useDebouncedValue(draft, 400);
  const jointRest = {
    lambda: joint.lambda,
    freezeWeak: joint.freezeWeak,
    cacheWeak: joint.cacheWeak,
  };
  const ready = settled.model !== '' && settled.data.file !== '';
  return (
    <Stack>
      <Paper p="md">
        <Text fw={600} mb="sm">
          Length
        </Text>
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <NumberField
            label="SFT epochs"
            value={sft.epochs ?? (sft.steps === undefined ? 1 : undefined)}
            step={0.5}
            placeholder="by steps"
            onChange={(epochs) => change({ sft: durationOf(epochs, undefined) })}
          />
          <NumberField
            label="SFT steps"
            value={sft.steps}
            min={1}
            placeholder="by epochs"
            onChange={(steps) => change({ sft: durationOf(sft.epochs ?? 1, steps) })}
          />
          <NumberField
            label="Joint epochs"
            value={joint.epochs ?? (joint.steps === undefined ? 1 : undefined)}
            step={0.5}
            placeholder="by steps"
            onChange={(epochs) =>
              change({ joint: { ...jointRest, ...durationOf(epochs, undefined) } })
            }
          />
          <NumberField
            label="Joint steps"
            value={joint.steps}
            min={1}
            placeholder="by epochs"
            onChange={(steps) =>
              change({ joint: { ...jointRest, ...durationOf(joint.epochs ?? 1, steps) } })
            }
          />
        </SimpleGrid>
        <Switch
          mt="md"
          label="Fair baseline: continue plain SFT for as many steps"
          checked={draft.baseline}
          onChange={(event) => change({ baseline: event.currentTarget.checked })}
        />
        <MoreBaselines draft={draft} change={change} />
      </Paper>
      <Paper p="md">
        <Text fw={600} mb="sm">
          Optimizer and batch
        </Text>
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <NumberField
            label="Learning rate"
            value={optimizer.learningRate}
            step={1e-6}
            onChange={(value) =>
              value !== undefined &&
              value > 0 &&
              change({ optimizer: { ...optimizer, learningRate: value } })
            }
          />
          <NumberField
            label="Weight decay"
            value={optimizer.weightDecay}
            step={0.01}
            onChange={(value) =>
              value !== undefined && change({ optimizer: { ...optimizer, weightDecay: value } })
            }
          />
          <NumberField
            label="Maximum gradient norm"
            value={optimizer.maxGradNorm}
            step={0.1}
            onChange={(value) =>
              value !== undefined &&
              value > 0 &&
              change({ optimizer: { ...optimizer, maxGradNorm: value } })
            }
          />
          <Select
            label="Schedule"
            allowDeselect={false}
            data={['linear', 'constant', 'cosine']}
            value={schedule.kind}
            onChange={(kind) =>
              change({
                schedule: {
                  ...schedule,
                  kind: kind === 'constant' || kind === 'cosine' ? kind : 'linear',
                },
              })
            }
          />
          <NumberField
            label="Warm-up steps"
            value={schedule.warmupSteps}
            onChange={(value) =>
              value !== undefined && change({ schedule: { ...schedule, warmupSteps: value } })
            }
          />
          <NumberField
            label="Rows per micro-batch"
            value={batch.micro}
            min={1}
            onChange={(value) =>
              value !== undefined && change({ batch: { ...batch, micro: value } })
            }
          />
          <NumberField
            label="Micro-batches per step"
            value={batch.accumulation}
            min={1}
            onChange={(value) =>
              value !== undefined && change({ batch: { ...batch, accumulation: value } })
            }
          />
          <NumberField
            label="Seed"
            value={draft.seed}
            onChange={(value) => value !== undefined && change({ seed: value })}
          />
        </SimpleGrid>
        <Switch
          mt="md"
          label="Pack short rows together"
          checked={batch.packing}
          onChange={(event) =>
            change({ batch: { ...batch, packing: event.currentTarget.checked } })
          }
        />
      </Paper>
      <Paper p="md">
        <Text fw={600} mb="sm">
          Weights and checkpoints
        </Text>
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <Select
            label="What is trained"
            allowDeselect={false}
            data={[
              { value: 'full', label: 'all weights' },
              { value: 'lora', label: 'LoRA adapters' },
            ]}
            value={lora === null ? 'full' : 'lora'}
            onChange={(value) => change({ lora: value === 'lora' ? loraSchema.parse({}) : null })}
          />
          {lora !== null && (
            <NumberField
              label="LoRA rank"
              value={lora.rank}
              min={1}
              onChange={(value) =>
                value !== undefined && change({ lora: { ...lora, rank: value } })
              }
            />
          )}
          {lora !== null && (
            <NumberField
              label="LoRA alpha"
              value={lora.alpha}
              min={1}
              onChange={(value) =>
                value !== undefined && change({ lora: { ...lora, alpha: value } })
              }
            />
          )}
          <Select
            label="Weights stored as"
            allowDeselect={false}
            data={['auto', 'f32', 'bf16']}
            value={precision.weights}
            onChange={(value) =>
              change({
                precision: {
                  ...precision,
                  weights: value === 'f32' || value === 'bf16' ? value : 'auto',
                },
              })
            }
          />
          {lora === null && (
            <Select
              label="AdamW’s moments stored as"
              allowDeselect={false}
              data={[
                { value: 'f32', label: 'f32' },
                { value: 'bf16', label: 'bf16: half the memory' },
              ]}
              value={optimizer.moments ?? 'f32'}
              onChange={(value) =>
                change({ optimizer: withMoments(optimizer, value === 'bf16' ? 'bf16' : 'f32') })
              }
            />
          )}
          <Select
            label="Computed in"
            allowDeselect={false}
            data={['auto', 'f32', 'bf16']}
            value={precision.compute}
            onChange={(value) =>
              change({
                precision: {
                  ...precision,
                  compute: value === 'f32' || value === 'bf16' ? value : 'auto',
                },
              })
            }
          />
          <Select
            label="Device"
            allowDeselect={false}
            data={['auto', 'cpu', 'gpu']}
            value={draft.device}
            onChange={(value) =>
              change({ device: value === 'cpu' || value === 'gpu' ? value : 'auto' })
            }
          />
          <NumberField
            label="Checkpoint every … steps"
            value={checkpoints.everySteps}
            min={1}
            onChange={(value) =>
              value !== undefined && change({ checkpoints: { ...checkpoints, everySteps: value } })
            }
          />
          <NumberField
            label="Checkpoints kept"
            value={checkpoints.keep}
            min={1}
            onChange={(value) =>
              value !== undefined && change({ checkpoints: { ...checkpoints, keep: value } })
            }
          />
        </SimpleGrid>
      </Paper>
      <PlanPanel draft={ready ? settled : null} />
    </Stack>
  );
}

/** f32 is what an absent field means. */
function withMoments(
  { moments: _old, ...others }: RunConfig['optimizer'],
  moments: 'f32' | 'bf16',
): RunConfig['optimizer'] {
  return moments === 'bf16' ? { ...others, moments } : others;
}
