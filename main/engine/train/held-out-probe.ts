/**
 * A small fixed set of held-out examples measured at every checkpoint: mean loss and mean entropy per
 * answer token. It makes historical checkpoints comparable where a weak agent is picked.
 */
import type { BatchConfig } from '../../contract/config.ts';
import type { Example } from '../data/example.ts';
import type { Session } from '../graph/session.ts';
import { measureColumns } from '../loss/measure.ts';
import { shapeName, type BatchShape } from './batch-shape.ts';
import { shapeOf } from './batch-plan.ts';
import { measureFeeds } from './feeds.ts';
import { planMeasuring } from './measure-plan.ts';

const probeSize = 64;

export interface ProbeResult {
  items: number;
  loss: number;
  entropy: number;
}

export interface Probe {
  shapes: BatchShape[];
  measure(session: Session): ProbeResult | null;
}

export function heldOutProbe(heldOut: readonly Example[], batch: BatchConfig): Probe {
  const examples = heldOut.slice(0, probeSize);
  if (examples.length === 0) return { shapes: [], measure: () => null };
  const plan = planMeasuring(examples, batch, 'predicting');
  return {
    shapes: plan.shapes,
    measure(session) {
      const sums = { loss: 0, entropy: 0, targets: 0 };
      for (const part of plan.batches()) {
        const { metrics } = session.call(`measure:${shapeName(shapeOf(part))}`, measureFeeds(part));
        for (let row = 0; row < part.targets; row++) {
          const first = row * measureColumns.length;
          sums.loss += metrics![first + measureColumns.indexOf('loss')]!;
          sums.entropy += metrics![first + measureColumns.indexOf('entropy')]!;
        }
        sums.targets += part.targets;
      }
      const { targets } = sums;
      return { items: examples.length, loss: sums.loss / targets, entropy: sums.entropy / targets };
    },
  };
}
