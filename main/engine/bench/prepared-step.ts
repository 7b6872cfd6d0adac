/** A benchmark step that is ready to run, up to the weights. */
import type { Session } from '../graph/session.ts';
import type { ModelVariables } from '../model/variables.ts';

export const placement = { islands: 'xla', functions: 'plain' } as const;

export interface Prepared {
  session: Session;
  models: ModelVariables[];
  /** `update` from 1; returns the loss, or the entropy; null where there is neither. */
  step(update: number): number | null | Promise<null>;
  /** Of a step, where they are not `batch * T`. */
  tokens?: number;
}
