/**
 * What a name given to a comparison stands for. `PATH` is a run's folder (its weak-driven model, or
 * the best it has), a checkpoint's folder inside a run, or any model folder; `PATH:MEMBER` is one of
 * the models a run made: base, sft, baseline, neftune, undial, weak-driven.
 */
import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { ComparedModel } from '../../contract/comparison.ts';
import type { RunConfig } from '../../contract/config.ts';
import { runConfigSchema } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import type { StageName } from '../../contract/events.ts';
import { stageNames } from '../../contract/events.ts';
import { readJsonFile } from '../checkpoint/read-json-file.ts';
import type { ModelSource } from '../train/model-source.ts';
import { modelSource } from '../train/model-source.ts';

export interface FoundModel {
  model: ComparedModel;
  /** The run it belongs to; null for a folder outside of runs. */
  run: { folder: string; config: RunConfig } | null;
}

export const members = ['base', 'sft', 'baseline', 'neftune', 'undial', 'weak-driven'] as const;
type Member = (typeof members)[number];
const stageOf: Record<Member, StageName | null> = {
  base: null,
  sft: 'sft',
  baseline: 'baseline',
  neftune: 'neftune',
  undial: 'undial',
  'weak-driven': 'joint',
};

/** @throws file-missing, run-invalid, usage (a member that the run does not have) */
export function findModel(path: string): FoundModel {
  const [, folder = path, asked] = /^(.*):([a-z-]+)$/.exec(path) ?? [];
  const whole = existsSync(path) ? path : folder;
  const member = existsSync(path) ? undefined : asked;
  const absolute = resolve(whole);
  if (!existsSync(absolute)) {
    throw new StudioError(
      'file-missing',
      `There is no run, checkpoint or model folder ${absolute}.`,
      'Check the path; wds runs lists the runs.',
    );
  }
  if (isRun(absolute)) return memberOf(absolute, member);
  if (member !== undefined) {
    throw new StudioError(
      'usage',
      `${absolute} is no run, so there is no ${member} of it.`,
      'Give the folder alone.',
    );
  }
  return (
    checkpointOf(absolute) ?? { model: { label: basename(absolute), folder: absolute }, run: null }
  );
}

function isRun(folder: string): boolean {
  return existsSync(join(folder, 'config.json')) && existsSync(join(folder, 'events.jsonl'));
}

function memberOf(folder: string, asked: string | undefined): FoundModel {
  const config = readConfig(folder);
  // Old checkpoints are removed; what was evaluated can still be compared.
  const isEvaluated = (name: Member): boolean =>
    existsSync(join(folder, 'stages', 'evaluate', `${name}.jsonl`));
  const there = members.filter(
    (name) => folderOf(folder, config, name) !== null || isEvaluated(name),
  );
  const member = asked === undefined ? there.at(-1) : members.find((name) => name === asked);
  if (member === undefined) {
    throw new StudioError(
      'usage',
      `${asked ?? 'Nothing'} of ${folder} can be compared.`,
      `After the colon stands one of ${members.join(', ')}.`,
    );
  }
  const stage = stageOf[member];
  const model: ComparedModel = {
    label: `${config.name ?? basename(folder)} · ${member}`,
    folder: folderOf(folder, config, member),
    runId: basename(folder),
    runName: config.name ?? basename(folder),
    member,
    ...(stage && { stage }),
  };
  return { model, run: { folder, config } };
}

function folderOf(run: string, config: RunConfig, member: Member): string | null {
  if (member === 'base') return existsSync(config.model) ? config.model : null;
  if (member === 'weak-driven' && existsSync(join(run, 'model'))) return join(run, 'model');
  const parent = join(run, 'checkpoints', stageOf[member] ?? '');
  const step = lastStep(parent);
  return step === null ? null : join(parent, `step-${step}`);
}

function lastStep(parent: string): number | null {
  if (!existsSync(parent)) return null;
  const steps = readdirSync(parent).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? []);
  return steps.length === 0 ? null : Math.max(...steps.map(Number));
}

/** `<run>/checkpoints/<stage>/step-N`. The last one of a stage is what the run evaluated. */
function checkpointOf(folder: string): FoundModel | null {
  const run = dirname(dirname(dirname(folder)));
  const stage = stageNames.find((name) => name === basename(dirname(folder)));
  const step = Number(/^step-(\d+)$/.exec(basename(folder))?.[1] ?? NaN);
  if (stage === undefined || Number.isNaN(step) || !isRun(run)) return null;
  const config = readConfig(run);
  const isLast = lastStep(dirname(folder)) === step;
  const member = isLast ? members.find((name) => stageOf[name] === stage) : undefined;
  const model: ComparedModel = {
    label: `${config.name ?? basename(run)} · ${stage} step ${step}`,
    folder,
    runId: basename(run),
    runName: config.name ?? basename(run),
    ...(member && { member }),
    stage,
    step,
  };
  return { model, run: { folder: run, config } };
}

function readConfig(run: string): RunConfig {
  const path = join(run, 'config.json');
  const parsed = runConfigSchema.safeParse(readJsonFile(path, 'run-invalid'));
  if (parsed.success) return parsed.data;
  throw new StudioError(
    'run-invalid',
    `${path} is not the config of a run.`,
    'It was changed by hand or by another version.',
  );
}

/** Runs of one name are told apart by their ids. The same model twice is refused by the caller. */
export function distinctLabels(found: readonly FoundModel[]): void {
  for (const { model } of found) {
    const { runId, runName, label, folder } = model;
    const isShared = found.some(
      ({ model: other }) => other.runName === runName && other.runId !== runId,
    );
    if (runId !== undefined && runName !== undefined) {
      if (isShared) model.label = label.replace(runName, runId);
    } else if (found.filter(({ model: other }) => other.label === label).length > 1) {
      model.label = folder ?? label;
    }
  }
}

/** Where its weights come from. @throws file-missing where the run has none of it yet */
export function sourceOf({ model, run }: FoundModel): ModelSource {
  if (model.folder === null) {
    throw new StudioError(
      'file-missing',
      `There are no weights of ${model.label} yet.`,
      'Let the run go on until it has saved them.',
    );
  }
  return modelSource(model.folder, run?.config.model ?? null);
}
