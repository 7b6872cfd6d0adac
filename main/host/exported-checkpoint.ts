/**
 * What a user means by a checkpoint to export: a run (its enhanced model), a step checkpoint inside one,
 * or any folder with a model or an adapter; and what can be said about where it comes from.
 */
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { StudioError } from '../contract/errors.ts';
import type { ModelExportRequest } from '../contract/model-export.ts';
import { listCheckpoints } from '../engine/checkpoint/checkpoint-history.ts';
import { MANIFEST, readManifest } from '../engine/checkpoint/checkpoint-manifest.ts';
import { asJsonObject, readJsonFile } from '../engine/checkpoint/read-json-file.ts';
import { baseFile, modelSource, type ModelSource } from '../engine/train/model-source.ts';
import { isRunId } from './run-folders.ts';
import { isRun, readRunConfig, readRunSummary } from './run-store.ts';

export interface ExportedCheckpoint {
  source: ModelSource;
  name: string;
  /** Plain sentences. */
  origin: string[];
  /** The run whose enhanced model it is. */
  enhancedOf: string | null;
  isWeakDriven: boolean;
  /** Has a manifest against which its files can be checked. */
  isManifested: boolean;
  license: string | null;
  baseId: string | null;
}

const largestReadme = 2 ** 20;

/** @throws file-missing, run-invalid, model-invalid, checkpoint-corrupt */
export function findExportedCheckpoint(
  runsRoot: string,
  request: Pick<ModelExportRequest, 'checkpoint' | 'base' | 'baseId'>,
): ExportedCheckpoint {
  const folder = modelFolder(runsRoot, request.checkpoint);
  const source = sourceOf(folder, request.base);
  const runFolder = containingRun(folder);
  const config = runFolder === null ? null : readRunConfig(runFolder);
  const start = config?.model ?? source.base;
  const fields = existsSync(join(folder, MANIFEST)) ? readManifest(folder).fields : null;
  const known = {
    source,
    isManifested: fields !== null,
    license: licenseOf(start) ?? licenseOf(source.base),
    baseId: request.baseId ?? publishedId(start) ?? publishedId(source.base),
  };
  if (runFolder === null || config === null) {
    const name = basename(folder);
    return {
      ...known,
      name,
      origin: [`Exported from the folder ${name} with Weak-Driven Studio.`],
      enhancedOf: null,
      isWeakDriven: false,
    };
  }
  const run = readRunSummary(runFolder);
  if (fields === null) {
    return {
      ...known,
      name: run.name,
      origin: [
        config.only === undefined
          ? `The enhanced model of the run ${run.id} of Weak-Driven Studio.`
          : `What the stage ${config.only} of the run ${run.id} of Weak-Driven Studio has trained.`,
      ],
      enhancedOf: runFolder,
      isWeakDriven: config.only === undefined || config.only === 'joint',
    };
  }
  const stage = String(fields['stage'] ?? basename(dirname(folder)));
  return {
    ...known,
    name: `${run.name}-${stage}-step-${fields.step}`,
    origin: [
      `The checkpoint after step ${fields.step} of the stage ${stage} of the run ${run.id} of Weak-Driven Studio.`,
    ],
    enhancedOf: null,
    isWeakDriven: stage === 'joint',
  };
}

function modelFolder(runsRoot: string, checkpoint: string): string {
  const byId = isRunId(checkpoint) ? join(runsRoot, checkpoint) : null;
  if (byId !== null && isRunConfig(byId)) return enhancedModel(byId);
  const path = resolve(checkpoint);
  if (!existsSync(path)) {
    throw new StudioError(
      'file-missing',
      `There is neither a run ${checkpoint} nor a folder ${path}.`,
      'wds runs lists the runs; a checkpoint is a folder such as RUN/checkpoints/joint/step-100.',
    );
  }
  const folder = realpathSync(path);
  if (existsSync(join(folder, 'adapter_config.json'))) return folder;
  if (isRunConfig(folder)) return enhancedModel(folder);
  if (existsSync(join(folder, 'config.json'))) return folder;
  throw new StudioError(
    'model-invalid',
    `${path} is neither a run nor the folder of a model or an adapter.`,
    'Give the id or folder of a run, or a folder with config.json or adapter_config.json.',
  );
}

function enhancedModel(runFolder: string): string {
  const stage = join(runFolder, 'stages', 'extract');
  if (existsSync(join(stage, 'stage.json'))) return realpathSync(join(stage, 'model'));
  const newest = ['joint', 'baseline', 'sft']
    .map((name) => listCheckpoints(join(runFolder, 'checkpoints', name)).found[0]?.path)
    .find((path) => path !== undefined);
  throw new StudioError(
    'run-invalid',
    `The run ${basename(runFolder)} has no enhanced model yet.`,
    newest === undefined
      ? `Let it go on first: wds resume ${runFolder}.`
      : `Let it go on (wds resume ${runFolder}), or export a checkpoint: ${newest}.`,
  );
}

function sourceOf(folder: string, base: string | undefined): ModelSource {
  if (!existsSync(join(folder, 'adapter_config.json'))) return modelSource(folder);
  if (base !== undefined) return { base: resolve(base), adapter: folder };
  if (existsSync(join(folder, baseFile))) return modelSource(folder);
  const config = asJsonObject(readJsonFile(join(folder, 'adapter_config.json'), 'model-invalid'));
  const named = config?.['base_model_name_or_path'];
  if (typeof named === 'string' && isAbsolute(named) && existsSync(join(named, 'config.json'))) {
    return { base: named, adapter: folder };
  }
  throw new StudioError(
    'model-invalid',
    `${folder} holds an adapter, and the base model it was trained on is not there${typeof named === 'string' ? ` (it is called ${named})` : ''}.`,
    'Give the folder of the base model with --base.',
  );
}

/** RUN for RUN/checkpoints/<stage>/step-N and RUN/stages/extract/model. */
function containingRun(folder: string): string | null {
  const run = dirname(dirname(dirname(folder)));
  const parts = folder.slice(run.length + 1).split(/[\\/]/);
  const isInside = parts[0] === 'checkpoints' || parts.join('/') === 'stages/extract/model';
  return isInside && isRunConfig(run) ? run : null;
}

/** A model's config.json is no run's: a run always says which data it takes. */
function isRunConfig(folder: string): boolean {
  if (!isRun(folder) || !lstatSync(join(folder, 'config.json')).isFile()) return false;
  const config = asJsonObject(readJsonFile(join(folder, 'config.json'), 'run-invalid'));
  return typeof config?.['model'] === 'string' && asJsonObject(config['data']) !== null;
}

/** The id under which Hugging Face's cache keeps a model: models--Qwen--Qwen3-4B/snapshots/... */
function publishedId(folder: string): string | null {
  const path = existsSync(folder) ? realpathSync(folder) : folder;
  const [, owner, name] = /models--([\w.-]+?)--([\w.-]+)[\\/]snapshots[\\/]/.exec(path) ?? [];
  return owner === undefined ? null : `${owner}/${name}`;
}

/** What the model card of a folder says; null where there is none, or nothing that looks like one. */
function licenseOf(folder: string): string | null {
  const path = join(folder, 'README.md');
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (!status?.isFile() || status.size > largestReadme) return null;
  const [, yaml] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readFileSync(path, 'utf8')) ?? [];
  if (yaml === undefined) return null;
  try {
    const license = asJsonObject(parse(yaml, { maxAliasCount: 0 }))?.['license'];
    return typeof license === 'string' && /^[a-z0-9.-]{1,40}$/i.test(license) ? license : null;
  } catch {
    return null;
  }
}
