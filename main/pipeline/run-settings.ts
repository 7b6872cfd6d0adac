/**
 * What all stages of a run share, worked out once from its config: device, placement, precision, the
 * base model, folders.
 */
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { LoraConfig, RunConfig } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import type { StageName } from '../contract/events.ts';
import { readModelConfig, type Qwen3Config } from '../engine/checkpoint/model-config.ts';
import type { Placement } from '../engine/graph/library.ts';
import { describeGpu } from '../engine/runtime/gpu.ts';
import { choosePlacement } from '../engine/runtime/placement.ts';
import { readRuntime } from '../engine/runtime/runtime-record.ts';
import { loadTensorFlow } from '../engine/runtime/tensorflow.ts';
import { loadTokenizer, type Tokenizer } from '../engine/tokenizer/tokenizer.ts';
import { modelSource, type ModelSource } from '../engine/train/model-source.ts';
import { choosePrecision, type Precision } from '../engine/train/precision.ts';
import type { RunContext } from './run-context.ts';

export interface RunSettings {
  config: RunConfig;
  context: RunContext;
  stagesFolder: string;
  base: ModelSource;
  modelConfig: Qwen3Config;
  tokenizer: Tokenizer;
  precision: Precision;
  placement: Placement;
  device: string;
  /** Of the device. */
  memoryBytes: number;
  lora: LoraConfig | null;
  checkpointFolder(stage: StageName): string;
  /** Between two steps or batches: lets wishes in, and throws where the user wants to stop. */
  breathe(stage: StageName): Promise<void>;
}

export function prepareRun(config: RunConfig, context: RunContext): RunSettings {
  const base = withAdapter(modelSource(config.model), config.lora?.adapter);
  const modelConfig = readModelConfig(base.base);
  const tokenizer = loadTokenizer(base.base);
  const device = openDevice(config.device);
  context.emit({
    kind: 'run-started',
    resumed: context.resumed,
    version: context.version,
    device: device.name,
    threads: cpus().length,
  });
  return {
    config,
    context,
    stagesFolder: join(context.runFolder, 'stages'),
    base,
    modelConfig,
    tokenizer,
    precision: choosePrecision(config.precision, modelConfig, config.lora, device.kind),
    placement: choosePlacement(device.kind),
    device: device.name,
    memoryBytes: device.memoryBytes,
    lora: config.lora,
    checkpointFolder: (stage) => join(context.runFolder, 'checkpoints', stage),
    breathe: async (stage) => {
      await context.breathe();
      const { control } = context;
      if (control.stopRequested() || control.pauseRequested() || control.cancelRequested()) {
        throw new StudioError(
          'stopped',
          `Stopped in ${stage}.`,
          'Resume does this stage again from its beginning.',
        );
      }
    },
  };
}

function withAdapter(source: ModelSource, adapter: string | undefined): ModelSource {
  return adapter === undefined ? source : { ...source, adapter };
}

function openDevice(wanted: RunConfig['device']): {
  kind: 'cpu' | 'gpu';
  name: string;
  memoryBytes: number;
} {
  loadTensorFlow(wanted);
  const runtime = readRuntime();
  const gpu = wanted === 'cpu' || runtime.build !== 'cuda' ? null : describeGpu(runtime);
  if (gpu && !('refused' in gpu)) {
    // Where CPU and GPU share memory the driver gives no number.
    return { kind: 'gpu', name: gpu.name, memoryBytes: gpu.memoryBytes || totalmem() };
  }
  const name = `CPU (${cpus()[0]?.model.trim() ?? 'unknown'})`;
  return { kind: 'cpu', name, memoryBytes: totalmem() };
}
