/**
 * A stage: a pure function of its inputs (config parts and hashes of artifacts) that leaves files in
 * `stages/<name>/` and a small JSON artifact. `inputs.json` is written first and says what the files
 * belong to; `stage.json` is written last, atomically, with the hash of every output.
 *   done with the same inputs and whole outputs -> skipped
 *   begun with the same inputs                  -> run again in the folder as it was left
 *   anything else                               -> the folder is cleared and the stage run anew
 * Skipping is also what makes resume, sub-commands and previews cheap.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Emit, StageName } from '../contract/events.ts';
import { asWriteError } from '../engine/checkpoint/durable-file.ts';
import { writeJsonAtomic } from './atomic-file.ts';
import { hashFile, hashJson } from './hash.ts';

export interface StageContext {
  /** Where the stage's files go. */
  folder: string;
  /** The folder holds what an earlier, unfinished attempt with the same inputs left. */
  resuming: boolean;
  emit: Emit;
}

export interface StageOutcome<Artifact> {
  /** Small and JSON; paths in it relative to the stage's folder, so that a moved run still works. */
  artifact: Artifact;
  /** One line for people, e.g. "1,000 samples, mean entropy 1.42". */
  summary: string;
}

export interface Stage<Artifact> {
  name: StageName;
  /** What is being done, for people. */
  title: string;
  /** `<run folder>/stages`; the stage takes the sub-folder of its name. */
  stagesFolder: string;
  inputs: Record<string, unknown>;
  emit: Emit;
  run: (context: StageContext) => Promise<StageOutcome<Artifact>>;
}

interface StageRecord {
  inputHash: string;
  outputs: Record<string, { bytes: number; sha256: string }>;
  artifact: unknown;
  summary: string;
  seconds: number;
}

const inputsFile = 'inputs.json';
const recordFile = 'stage.json';

export async function runStage<Artifact>(stage: Stage<Artifact>): Promise<Artifact> {
  const started = performance.now();
  const folder = join(stage.stagesFolder, stage.name);
  const inputHash = hashJson(stage.inputs);
  stage.emit({ kind: 'stage-started', stage: stage.name, title: stage.title });

  const done = readStageRecord(folder);
  if (done !== null && done.inputHash === inputHash) {
    const damage = await findDamage(folder, done);
    if (damage === null) {
      finish(true, done.summary);
      return done.artifact as Artifact;
    }
    stage.emit({
      kind: 'warning',
      code: 'stage-damaged',
      message: `${damage}; the stage ${stage.name} is run again.`,
    });
  }

  const resuming = done === null && begunWith(folder) === inputHash;
  if (!resuming) clear(folder, inputHash, stage.inputs);
  const { artifact, summary } = await stage.run({ folder, resuming, emit: stage.emit });
  const record: StageRecord = {
    inputHash,
    outputs: await hashOutputs(folder),
    artifact,
    summary,
    seconds: (performance.now() - started) / 1000,
  };
  writeJsonAtomic(join(folder, recordFile), record);
  finish(false, summary);
  return artifact;

  function finish(cached: boolean, line: string): void {
    stage.emit({
      kind: 'stage-finished',
      stage: stage.name,
      cached,
      seconds: (performance.now() - started) / 1000,
      summary: line,
    });
  }
}

/** The record of a finished stage; null where it is not finished or its record is unreadable. */
function readStageRecord(folder: string): StageRecord | null {
  return readJson<StageRecord>(join(folder, recordFile));
}

function begunWith(folder: string): string | null {
  return readJson<{ inputHash: string }>(join(folder, inputsFile))?.inputHash ?? null;
}

function readJson<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

function clear(folder: string, inputHash: string, inputs: Record<string, unknown>): void {
  try {
    // The record goes first: were the folder half cleared, it must not count as done.
    rmSync(join(folder, recordFile), { force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw asWriteError(folder, error);
  }
  writeJsonAtomic(join(folder, inputsFile), { inputHash, inputs });
}

async function hashOutputs(folder: string): Promise<StageRecord['outputs']> {
  const outputs: StageRecord['outputs'] = {};
  for (const path of filesBelow(folder)) {
    const name = relative(folder, path).split(sep).join('/');
    if (name === inputsFile || name === recordFile) continue;
    outputs[name] = { bytes: statSync(path).size, sha256: await hashFile(path) };
  }
  return outputs;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** What is wrong with the outputs of a done stage, in words; null when they are as recorded. */
async function findDamage(folder: string, record: StageRecord): Promise<string | null> {
  for (const [name, expected] of Object.entries(record.outputs)) {
    const path = join(folder, name);
    if (!existsSync(path)) return `${path} is missing`;
    if (statSync(path).size !== expected.bytes) return `${path} has another size than recorded`;
    if ((await hashFile(path)) !== expected.sha256) return `${path} has changed since it was made`;
  }
  return null;
}
