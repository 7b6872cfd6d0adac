/**
 * What the engine would run on, found without loading TensorFlow: cheap enough for a window's footer,
 * complete enough for `wds doctor`, for the choice of precision and for the memory plan.
 */
import { freemem, totalmem } from 'node:os';
import { describeGpu } from './gpu.ts';
import type { GpuDescription } from './gpu.ts';
import { describeProcessor } from './processor.ts';
import type { Processor } from './processor.ts';
import { readRuntime } from './runtime-record.ts';

export interface EngineRuntime {
  /** Version of libtensorflow, e.g. "2.21.0". */
  tensorflow: string;
  build: 'cpu' | 'cuda';
  addon: string;
  libraries: string;
  processor: Processor;
  memoryBytes: number;
  memoryFreeBytes: number;
  /** The GPU in use, why one that is there is not used, or null. */
  gpu: GpuDescription;
}

/** Throws `runtime-missing` when TensorFlow is not set up. */
export function describeRuntime(): EngineRuntime {
  const runtime = readRuntime();
  return {
    tensorflow: runtime.tensorflow,
    build: runtime.build,
    addon: runtime.addon,
    libraries: runtime.libraries,
    processor: describeProcessor(),
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    gpu: describeGpu(runtime),
  };
}
