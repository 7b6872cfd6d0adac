/**
 * Runs as folders: `config.json` is written first and makes a folder a run; all else is made by
 * working on it. Reading needs no lock; deleting one that is in work is refused.
 */
import type { Dirent } from 'node:fs';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { RunConfig } from '../contract/config.ts';
import { runConfigSchema } from '../contract/config.ts';
import { StudioError } from '../contract/errors.ts';
import type { RunSummary } from '../contract/runs.ts';
import { asWriteError } from '../engine/checkpoint/durable-file.ts';
import { writeFileAtomic, writeJsonAtomic } from '../pipeline/atomic-file.ts';
import { isRunId, makeRunId } from './run-folders.ts';
import { acquireRunLock, inspectRunLock } from './run-lock.ts';
import { newRunRecord, readRunRecord, writeRunRecord } from './run-record.ts';

/** A name given later than the config; a file of its own, since the owner rewrites status.json. */
const nameFile = 'name.txt';

/** Makes a folder below the root, named after the run. Returns its path. */
export function createRun(root: string, config: RunConfig): string {
  const id = makeRunId(config.name ?? basename(resolve(config.model)));
  try {
    mkdirSync(root, { recursive: true });
    for (let attempt = 1; ; attempt++) {
      const folder = join(root, attempt === 1 ? id : `${id}-${attempt}`);
      if (makeFolder(folder)) return initialise(folder, config);
    }
  } catch (error) {
    throw asWriteError(root, error);
  }
}

/** Takes a folder of the user's choice; it must not exist or be empty. */
export function createRunAt(folder: string, config: RunConfig): string {
  const path = resolve(folder);
  if (isRun(path)) {
    throw new StudioError(
      'run-invalid',
      `${path} already holds a run.`,
      `Go on with it: wds resume ${path}. Or choose another folder.`,
    );
  }
  if (existsSync(path) && (!statSync(path).isDirectory() || readdirSync(path).length > 0)) {
    throw new StudioError(
      'run-invalid',
      `${path} is not an empty folder.`,
      'Choose a folder that does not exist yet or is empty.',
    );
  }
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw asWriteError(path, error);
  }
  return initialise(path, config);
}

/** By its id below the root, or by the path of its folder. */
export function findRun(root: string, idOrPath: string): string {
  for (const folder of [isRunId(idOrPath) ? join(root, idOrPath) : null, resolve(idOrPath)]) {
    if (folder !== null && isRun(folder)) return folder;
  }
  throw new StudioError(
    'run-missing',
    `There is no run ${idOrPath} in ${root}, nor a run's folder at that path.`,
    'wds runs lists them.',
  );
}

export function isRun(folder: string): boolean {
  return existsSync(join(folder, 'config.json'));
}

export function readRunConfig(runFolder: string): RunConfig {
  const path = join(runFolder, 'config.json');
  try {
    return runConfigSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new StudioError(
      'run-invalid',
      `${path} is not the config of a run.`,
      'It was changed by hand or by another version; start a new run from your own config.',
      { cause: error },
    );
  }
}

/** Newest first. Folders that are no runs, or whose config is damaged, are left out. */
export function listRuns(root: string): RunSummary[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => isRunId(name) && isRun(join(root, name)))
    .flatMap((name) => {
      try {
        return [readRunSummary(join(root, name))];
      } catch {
        return [];
      }
    })
    .sort((left, right) => right.created - left.created || (left.id < right.id ? 1 : -1));
}

/** A run that says it is in work, but whose owner is gone, is `interrupted`. */
export function readRunSummary(runFolder: string): RunSummary {
  const { summary } = readRunRecord(runFolder, () => readRunConfig(runFolder));
  const name = readName(runFolder) ?? summary.name;
  const status = isInWork(summary.status) && !isOwned(runFolder) ? 'interrupted' : summary.status;
  return { ...summary, id: basename(runFolder), name, status };
}

export function renameRun(runFolder: string, name: string): void {
  writeFileAtomic(join(runFolder, nameFile), `${name}\n`);
}

/** A new run with the same config, not started. Returns its folder. */
export function duplicateRun(root: string, runFolder: string): string {
  const { name } = readRunSummary(runFolder);
  return createRun(root, { ...readRunConfig(runFolder), name: `${name.slice(0, 75)} copy` });
}

/** Renamed first: half deleted it must not look like a run. Refused while it is in work. */
export function deleteRun(runFolder: string): void {
  const lock = acquireRunLock(runFolder);
  const doomed = join(dirname(runFolder), `.deleted-${basename(runFolder)}-${Date.now()}`);
  try {
    renameSync(runFolder, doomed);
    rmSync(doomed, { recursive: true, force: true });
  } catch (error) {
    lock.release();
    throw asWriteError(runFolder, error);
  }
}

/** Bytes of all files; a file with several names counts once, links are not followed. */
export function measureRun(runFolder: string): number {
  const seen = new Set<string>();
  // Files and folders may go while they are counted, e.g. those of a checkpoint that is retired.
  const measure = (folder: string): number =>
    entriesOf(folder).reduce((sum, entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sum + measure(path);
      const file = lstatSync(path, { throwIfNoEntry: false });
      if (file === undefined || seen.has(`${file.dev}:${file.ino}`)) return sum;
      if (file.nlink > 1) seen.add(`${file.dev}:${file.ino}`);
      return sum + file.size;
    }, 0);
  return measure(runFolder);
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function isInWork(status: RunSummary['status']): boolean {
  return status === 'running' || status === 'pausing' || status === 'stopping';
}

function isOwned(runFolder: string): boolean {
  try {
    const liveness = inspectRunLock(runFolder)?.liveness;
    return liveness === 'alive' || liveness === 'unknown';
  } catch {
    return false;
  }
}

function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function initialise(folder: string, config: RunConfig): string {
  writeJsonAtomic(join(folder, 'config.json'), config);
  writeRunRecord(folder, newRunRecord(basename(folder), config, Date.now()));
  return folder;
}

function readName(runFolder: string): string | null {
  try {
    return readFileSync(join(runFolder, nameFile), 'utf8').trim() || null;
  } catch {
    return null;
  }
}
