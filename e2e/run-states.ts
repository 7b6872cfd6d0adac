/** Waiting for what a run does. A timeout is how long a slow, busy machine may take; nothing sleeps. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageName } from '../main/contract/events.ts';
import type { RunStatus, RunSummary } from '../main/contract/runs.ts';
import { expect } from './studio.ts';
import type { Studio } from './studio.ts';

export const patience = 400_000;

export async function summaryOf({ ask }: Studio, runId: string): Promise<RunSummary | undefined> {
  return (await ask('runs.list', {})).find(({ id }) => id === runId);
}

export async function statusOf(studio: Studio, runId: string): Promise<RunStatus | undefined> {
  return (await summaryOf(studio, runId))?.status;
}

export async function waitFor(studio: Studio, runId: string, status: RunStatus): Promise<void> {
  await expect
    .poll(() => statusOf(studio, runId), { timeout: patience, intervals: [250] })
    .toBe(status);
}

/** Waits until the run in work has taken `step` steps of `stage`. */
export async function waitForStep(studio: Studio, stage: StageName, step: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const runs = await studio.ask('runs.list', {});
        return runs.some((run) => run.stage === stage && (run.step ?? 0) >= step);
      },
      { timeout: patience, intervals: [100] },
    )
    .toBe(true);
}

/** The run named so, once it is there. */
export async function runNamed(studio: Studio, name: string): Promise<RunSummary> {
  const find = async (): Promise<RunSummary | undefined> =>
    (await studio.ask('runs.list', {})).find((run) => run.name === name);
  await expect.poll(find, { timeout: patience, intervals: [250] }).toBeDefined();
  const found = await find();
  if (found === undefined) throw new Error(`There is no run ${name}.`);
  return found;
}

export function stageFolder(studio: Studio, runId: string, stage: StageName): string {
  return join(studio.home, 'data', 'runs', runId, 'stages', stage);
}

/** SHA-256 of the weights that a finished run leaves. */
export function weightsHash(studio: Studio, runId: string): string {
  const path = join(stageFolder(studio, runId, 'extract'), 'model', 'model.safetensors');
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Losses of a stage by step, in full precision. */
export async function lossesOf(studio: Studio, runId: string, stage: StageName): Promise<number[]> {
  const { series } = await studio.ask('run.snapshot', { runId });
  const values = series.find((columns) => columns.stage === stage)?.values.loss ?? {};
  return Object.values(values) as number[];
}
