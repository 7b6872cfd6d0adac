/** A benchmark step that is ready to run, up to the weights, and where it runs: where training would. */
import { StudioError } from '../../contract/errors.ts';
import type { Session } from '../graph/session.ts';
import type { ModelVariables } from '../model/variables.ts';
import { deviceKind } from '../runtime/device-kind.ts';
import type { BenchConfig } from './bench-config.ts';

export interface Prepared {
  session: Session;
  models: ModelVariables[];
  /** `update` from 1; returns the loss, or the entropy; null where there is neither. */
  step(update: number): number | null | Promise<null>;
  /** Of a step, where they are not `batch * T`. */
  tokens?: number;
}

/**
 * Asks the driver, which can take seconds: once for a benchmark, and outside what is timed.
 * @throws runtime-missing, device-unsupported
 */
export function deviceOf({ device }: Pick<BenchConfig, 'device'>): 'cpu' | 'gpu' {
  if (device === 'cpu') return 'cpu';
  const kind = deviceKind();
  if (device === 'cuda' && kind === 'cpu') {
    const hint = 'Set device to auto or cpu; `wds doctor` says what is there.';
    throw new StudioError('device-unsupported', 'No GPU can be used.', hint);
  }
  return kind;
}
