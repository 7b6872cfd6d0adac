/**
 * Whether a stage uses the weak cache, and the cache filled for it. On its own it is used only where
 * memory would not hold both models: the first run over an order of data computes as much as without.
 */
import { StudioError } from '../../contract/errors.ts';
import { readModelConfig } from '../checkpoint/model-config.ts';
import type { LoraConfig, OptimizerConfig } from '../../contract/config.ts';
import type { Emit, StageName } from '../../contract/events.ts';
import type { Placement } from '../graph/library.ts';
import { fits } from '../plan/memory-plan.ts';
import type { BatchPlan } from './batch-plan.ts';
import { accumulates } from './batch-shape.ts';
import { fillWeakStates } from './fill-weak-states.ts';
import type { ModelSource } from './model-source.ts';
import type { Precision } from './precision.ts';
import { sharesBase, weakMode } from './training-session.ts';
import { WeakStates } from './weak-states.ts';

export interface WeakCacheChoice {
  use: 'auto' | 'on';
  /** Where states are kept. */
  folder: string;
  /** Names the weak model's content. */
  fingerprint: string;
  /** TensorFlow's version and the device: others may round otherwise. */
  machine: string;
}

export interface WeakCache {
  states: WeakStates;
  counts: { computed: number; found: number };
}

export interface WeakCacheStage {
  stage: StageName;
  strong: ModelSource;
  weak: { source: ModelSource; frozen: boolean } | null;
  /** null: not to be used. */
  weakCache: WeakCacheChoice | null;
  windows: { steps: number };
  lora: LoraConfig | null;
  optimizer: OptimizerConfig;
  precision: Precision;
  placement: Placement;
  memoryBytes: number;
  emit: Emit;
  control: {
    breathe(): Promise<void>;
    stopRequested(): boolean;
    pauseRequested(): boolean;
    cancelRequested(): boolean;
  };
}

/** null: the weak model takes part in every step. */
export async function openWeakCache(
  options: WeakCacheStage,
  plan: BatchPlan,
  firstStep: number,
): Promise<WeakCache | null> {
  const { weak, weakCache: choice, precision, stage, emit } = options;
  if (!weak?.frozen || !choice) return null;
  if (choice.use === 'auto' && bothFit(options, plan)) return null;
  const { weights, compute } = precision;
  const { fingerprint, machine } = choice;
  const { hiddenSize: hidden } = readModelConfig(weak.source.base);
  const states = new WeakStates(choice.folder, { fingerprint, hidden, weights, compute, machine });
  const strongMode = {
    trained: options.lora ? 'adapter' : 'all',
    weights,
    lora: options.lora,
  } as const;
  const started = performance.now();
  const counts = await fillWeakStates(states, {
    source: weak.source,
    mode: weakMode(weak, strongMode),
    compute,
    placement: options.placement,
    plan,
    steps: [firstStep, options.windows.steps],
    onProgress: (done, total) => {
      const seconds = (performance.now() - started) / 1000;
      const remaining = done < 2 ? {} : { remaining: (seconds / done) * (total - done) };
      const unit = 'batches of the weak agent';
      emit({ kind: 'stage-progress', stage, done, total, unit, ...remaining });
    },
    breathe: async () => {
      const { control } = options;
      await control.breathe();
      if (control.stopRequested() || control.pauseRequested() || control.cancelRequested()) {
        throw new StudioError(
          'stopped',
          `Stopped before ${stage}, while the weak agent's states were computed.`,
          'Resume goes on with the next of them.',
        );
      }
    },
  });
  return { states, counts };
}

/** With everything computed again in the backward pass, both models take at most 80 % of the memory. */
function bothFit(options: WeakCacheStage, { shapes }: BatchPlan): boolean {
  const { precision, lora, strong, memoryBytes } = options;
  const shareBase = sharesBase(options);
  if (shareBase) return true;
  const config = readModelConfig(strong.base);
  const weak = { frozen: true, shareBase };
  const sums = accumulates(shapes);
  const { moments } = options.optimizer;
  const planned = { config, precision, lora, weak, shapes, accumulates: sums, moments };
  return fits(planned, 'all', memoryBytes);
}
