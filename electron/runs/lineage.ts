/**
 * The descent of models over all runs: each run's base, its kept checkpoints in the order of steps,
 * and what it left in the end. Only what was measured is told; a checkpoint without a readable
 * manifest, or one whose logits cannot be mixed with the strong model's, is shown with the reason.
 */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { toErrorDetails } from '../../main/contract/errors.ts';
import type { RunEvent, StageName } from '../../main/contract/events.ts';
import type { Lineage, LineageNode } from '../../main/contract/inspection.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import { readManifest } from '../../main/engine/checkpoint/checkpoint-manifest.ts';
import { readEvents } from '../../main/host/event-reader.ts';
import { entropyHistograms } from './lineage-entropies.ts';
import { mixingProblem } from './mixing-problem.ts';
import { recommendWeakAgent } from './weak-agent-choice.ts';

type CheckpointEvent = RunEvent & { kind: 'checkpoint' };

export async function readLineage(
  runs: RunSummary[],
  folderOf: (runId: string) => string,
  strong: string | undefined,
): Promise<Lineage> {
  const nodes = new Map<string, LineageNode>();
  const add = (node: LineageNode): LineageNode => {
    const known = nodes.get(node.id);
    if (known !== undefined) return known;
    nodes.set(node.id, node);
    return node;
  };
  if (strong !== undefined) add(baseNode(strong));
  for (const run of runs) {
    const folder = folderOf(run.id);
    const base = add(baseNode(resolve(run.model)));
    const [before, after] = entropyHistograms(folder);
    Object.assign(base, { ...heldOutOf(run, 'base'), ...base });
    if (before !== null) base.entropies ??= before;
    const ends = new Map<StageName, LineageNode>();
    for (const event of await keptCheckpoints(folder)) {
      const { stage } = event;
      const parent = ends.get(stage) ?? (stage === 'sft' ? base : ends.get('sft')) ?? base;
      ends.set(stage, add(checkpointNode(folder, run, event, parent.id)));
    }
    // The last checkpoints are the models that were measured on all held-out rows.
    for (const stage of ['sft', 'baseline', 'neftune', 'undial'] as const) {
      const end = ends.get(stage);
      if (end !== undefined) Object.assign(end, heldOutOf(run, stage));
    }
    const m1 = ends.get('sft');
    if (m1 !== undefined && after !== null) m1.entropies = after;
    const result = resultNode(folder, run, ends.get('joint')?.id ?? base.id);
    if (result !== null) add(result);
  }
  const all = [...nodes.values()];
  if (strong === undefined) return { nodes: all };
  for (const node of all) {
    const problem = node.problem ?? mixingProblem(strong, node.path);
    if (problem !== null) node.problem = problem;
  }
  const recommended = recommendWeakAgent(all, strong);
  return { nodes: all, strong, ...(recommended && { recommended }) };
}

function baseNode(path: string): LineageNode {
  return { id: path, kind: 'base', label: basename(path), path };
}

function heldOutOf(run: RunSummary, model: string): Pick<LineageNode, 'heldOut'> {
  const heldOut = run.results.find((each) => each.model === model);
  return heldOut === undefined ? {} : { heldOut };
}

async function keptCheckpoints(runFolder: string): Promise<CheckpointEvent[]> {
  const kept = new Map<string, CheckpointEvent>();
  for await (const event of readEvents(join(runFolder, 'events.jsonl'))) {
    if (event.kind === 'checkpoint') kept.set(event.path, event);
    if (event.kind === 'checkpoint-removed') kept.delete(event.path);
  }
  return [...kept.values()].filter((event) => existsSync(pathOf(runFolder, event)));
}

/** In the run's folder, where it lies now; the event names the place where it was written. */
function pathOf(runFolder: string, { stage, step, path }: CheckpointEvent): string {
  const here = join(runFolder, 'checkpoints', stage, `step-${step}`);
  return existsSync(here) ? here : resolve(runFolder, path);
}

function checkpointNode(
  runFolder: string,
  run: RunSummary,
  event: CheckpointEvent,
  parent: string,
): LineageNode {
  const path = pathOf(runFolder, event);
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
    ...heldOutOf(run, `${event.stage} step ${event.step}`),
  };
  try {
    readManifest(path);
  } catch (error) {
    node.problem = toErrorDetails(error);
  }
  return node;
}

/** The model a finished run is for. */
function resultNode(runFolder: string, run: RunSummary, parent: string): LineageNode | null {
  const path = join(runFolder, 'stages', 'extract', 'model');
  if (!existsSync(join(runFolder, 'stages', 'extract', 'stage.json'))) return null;
  const label = `Result of ${run.name}`;
  const common = { id: path, kind: 'result' as const, label, path, parent };
  return { ...common, runId: run.id, runName: run.name, ...heldOutOf(run, 'weak-driven') };
}
