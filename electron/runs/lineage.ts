/**
 * The descent of models over all runs: each run's base, its kept checkpoints in the order of steps,
 * and what it left in the end. Only what was measured is told; a checkpoint without a readable
 * manifest is shown with the reason.
 */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { RunEvent } from '../../main/contract/events.ts';
import type { Lineage, LineageNode } from '../../main/contract/inspection.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import { readManifest } from '../../main/engine/checkpoint/checkpoint-manifest.ts';
import { readEvents } from '../../main/host/event-reader.ts';
import { join } from 'node:path';

type CheckpointEvent = RunEvent & { kind: 'checkpoint' };

export async function readLineage(
  runs: RunSummary[],
  folderOf: (runId: string) => string,
  strong: string | undefined,
): Promise<Lineage> {
  const nodes: LineageNode[] = [];
  if (strong !== undefined) nodes.push(baseNode(strong));
  for (const run of runs) {
    const folder = folderOf(run.id);
    const base = resolve(run.model);
    if (!nodes.some(({ id }) => id === base)) nodes.push(baseNode(base));
    withResult(
      nodes.find(({ id }) => id === base),
      run,
      'base',
    );
    let parent = base;
    for (const event of await keptCheckpoints(folder)) {
      const node = checkpointNode(folder, run, event, parent);
      nodes.push(node);
      parent = node.id;
    }
  }
  const lineage: Lineage = { nodes };
  if (strong !== undefined) {
    lineage.strong = strong;
    lineage.recommended = {
      id: strong,
      reason:
        'Recommended: the base this run starts from. After SFT it is clearly weaker than the strong model and shares its vocabulary and tokenizer.',
    };
  }
  return lineage;
}

function baseNode(path: string): LineageNode {
  return { id: path, kind: 'base', label: basename(path), path };
}

function withResult(node: LineageNode | undefined, run: RunSummary, model: string): void {
  const result = run.results.find((each) => each.model === model);
  if (node !== undefined && result !== undefined) node.heldOut ??= result;
}

async function keptCheckpoints(runFolder: string): Promise<CheckpointEvent[]> {
  const kept = new Map<string, CheckpointEvent>();
  for await (const event of readEvents(join(runFolder, 'events.jsonl'))) {
    if (event.kind === 'checkpoint') kept.set(event.path, event);
    if (event.kind === 'checkpoint-removed') kept.delete(event.path);
  }
  return [...kept.values()].filter(({ path }) => existsSync(resolve(runFolder, path)));
}

function checkpointNode(
  runFolder: string,
  run: RunSummary,
  event: CheckpointEvent,
  parent: string,
): LineageNode {
  const path = resolve(runFolder, event.path);
  const node: LineageNode = {
    id: path,
    kind: 'checkpoint',
    label: `${event.stage} step ${event.step} of ${run.name}`,
    path,
    parent,
    runId: run.id,
    runName: run.name,
    stage: event.stage,
    step: event.step,
    time: event.time,
    bytes: event.bytes,
  };
  const measured = run.results.find(({ model }) => model === `${event.stage} step ${event.step}`);
  if (measured !== undefined) {
    node.heldOut = measured;
    if (measured.entropy !== undefined) node.meanEntropy = measured.entropy;
  }
  try {
    readManifest(path);
  } catch (error) {
    node.problem = toErrorDetails(error);
  }
  return node;
}
