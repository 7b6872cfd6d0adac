/**
 * The historical checkpoints of a run, kept or retired since: from the events, and for those still there
 * from their manifests. Held-out figures make them comparable as weak agents.
 */
import { join } from 'node:path';
import type { RunConfig } from '../../contract/config.ts';
import { stageNames } from '../../contract/events.ts';
import type { StageName } from '../../contract/events.ts';
import type { ReportedCheckpoint } from '../../contract/report.ts';
import { listCheckpoints } from '../checkpoint/checkpoint-history.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import type { EventFacts } from './read-events.ts';
import { isNumber } from './run-files.ts';

/** In the order of stages and steps. */
export function summariseCheckpoints(
  runFolder: string,
  facts: EventFacts,
  weak: RunConfig['weak'] | undefined,
): ReportedCheckpoint[] {
  const found = new Map<string, ReportedCheckpoint>();
  const at = (stage: StageName, step: number, bytes: number, kept: boolean) => {
    const known = found.get(`${stage} ${step}`);
    const file = `checkpoints/${stage}/step-${step}`;
    const isWeakAgent = stage === 'sft' && weak === `checkpoint:${step}`;
    const checkpoint = { ...known, stage, step, bytes, kept, isWeakAgent, file };
    found.set(`${stage} ${step}`, checkpoint);
    return checkpoint;
  };
  for (const { stage, step, bytes } of facts.checkpoints) {
    const checkpoint = at(stage, step, bytes, false);
    const measured = facts.evaluations.get(`${stage} step ${step}`);
    if (measured) addHeldOut(checkpoint, measured);
  }
  for (const stage of ['sft', 'joint', 'baseline', 'neftune', 'undial'] as const) {
    for (const { step, manifest } of listCheckpoints(join(runFolder, 'checkpoints', stage)).found) {
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      const checkpoint = at(stage, step, bytes, true);
      const { loss, heldOut } = manifest.fields;
      if (isNumber(loss)) checkpoint.loss = loss;
      addHeldOut(checkpoint, asJsonObject(heldOut) ?? {});
    }
  }
  const order = ({ stage, step }: ReportedCheckpoint): number =>
    stageNames.indexOf(stage) * 1e12 + step;
  return [...found.values()].sort((left, right) => order(left) - order(right));
}

function addHeldOut(
  checkpoint: ReportedCheckpoint,
  measured: { items?: unknown; loss?: unknown; entropy?: unknown },
): void {
  if (isNumber(measured.items)) checkpoint.heldOutItems = measured.items;
  if (isNumber(measured.loss)) checkpoint.heldOutLoss = measured.loss;
  if (isNumber(measured.entropy)) checkpoint.heldOutEntropy = measured.entropy;
}
