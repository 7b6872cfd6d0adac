/** A benchmark step that is ready to run, up to the weights, and where it runs: where training would. */
import { StudioError } from '../../contract/errors.ts';
import type { Placement } from '../graph/library.ts';
import type { Session } from '../graph/session.ts';
import type { ModelVariables } from '../model/variables.ts';
import { describeRuntime } from '../runtime/describe-runtime.ts';
import { choosePlacement } from '../runtime/placement.ts';
import type { BenchConfig } from './bench-config.ts';

export interface Prepared {
  session: Session;
  models: ModelVariables[];
  /** `update` from 1; returns the loss, or the entropy; null where there is neither. */
  step(update: number): number | null | Promise<null>;
  /** Of a step, where they are not `batch * T`. */
  tokens?: number;
}

/** @throws runtime-missing, device-unsupported */
export function usesGpu(device: BenchConfig['device']): boolean {
  const { gpu } = describeRuntime();
  const isUsable = gpu !== null && !('refused' in gpu);
  if (device === 'cuda' && !isUsable) {
    const hint = 'Set device to auto or cpu; `wds doctor` says what is there.';
    throw new StudioError('device-unsupported', 'No GPU can be used.', hint);
  }
  return device !== 'cpu' && isUsable;
}

export function placementOf(device: BenchConfig['device']): Placement {
  return choosePlacement(usesGpu(device) ? 'gpu' : 'cpu');
}
