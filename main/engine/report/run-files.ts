/**
 * The files of a run as a report reads them: what is missing, cut off or damaged is an absent value
 * and never an exception, because a report on half a run is worth having. Hashes come from the
 * `stage.json` of the stage that wrote the file, so a number can be traced to the bytes it came from.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ReportSource } from '../../contract/report.ts';
import { stageNames } from '../../contract/events.ts';
import type { StageName } from '../../contract/events.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';

const largest = 512 * 2 ** 20;

export interface StageFile {
  inputHash?: string;
  inputs: Record<string, unknown>;
  artifact: unknown;
  summary: string;
  seconds: number;
  outputs: Record<string, { bytes: number; sha256: string }>;
}

/** A stage that was begun; `record` is null until it is done. */
export interface FoundStage {
  stage: StageName;
  record: StageFile | null;
}

/** In the order of the method. */
export function findStages(runFolder: string): FoundStage[] {
  const present = new Set(namesIn(join(runFolder, 'stages')));
  return stageNames
    .filter((stage) => present.has(stage))
    .map((stage) => ({ stage, record: readStage(join(runFolder, 'stages', stage)) }));
}

/** @param name inside the stage's folder, e.g. `weights.jsonl` */
export function sourceOf(stages: readonly FoundStage[], stage: StageName, name: string) {
  const file = `stages/${stage}/${name}`;
  const record = stages.find((found) => found.stage === stage)?.record;
  const sha256 = record?.outputs[name]?.sha256;
  return { file, ...(sha256 && { sha256 }) } satisfies ReportSource;
}

/** Null where there is no such file or it is no JSON. */
export function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** The objects of a file of JSON lines, null where there is no such file; other lines are left out. */
export function readJsonLines(path: string): Record<string, unknown>[] | null {
  const lines = readText(path)?.split('\n');
  if (!lines) return null;
  return lines.flatMap((line) => {
    const value = parseOrNull(line);
    return value === null ? [] : [value];
  });
}

function parseOrNull(line: string): Record<string, unknown> | null {
  try {
    return asJsonObject(JSON.parse(line));
  } catch {
    return null;
  }
}

export function readText(path: string): string | null {
  try {
    return statSync(path).size > largest ? null : readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function readStage(folder: string): StageFile | null {
  const record = asJsonObject(readJson(join(folder, 'stage.json')));
  if (!record) return null;
  const outputs: StageFile['outputs'] = {};
  for (const [name, value] of Object.entries(asJsonObject(record['outputs']) ?? {})) {
    const output = asJsonObject(value);
    const { bytes, sha256 } = output ?? {};
    if (isNumber(bytes) && typeof sha256 === 'string') outputs[name] = { bytes, sha256 };
  }
  const inputHash = record['inputHash'];
  const inputs = asJsonObject(readJson(join(folder, 'inputs.json')))?.['inputs'];
  return {
    ...(typeof inputHash === 'string' && { inputHash }),
    inputs: asJsonObject(inputs) ?? {},
    artifact: record['artifact'],
    summary: textOr(record['summary'], ''),
    seconds: isNumber(record['seconds']) ? record['seconds'] : 0,
    outputs,
  };
}
