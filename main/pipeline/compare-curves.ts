/**
 * The curves of the stage that made each model. Reading a log of 100,000 events takes a sixth of a
 * second; what was read of a long one is kept, and found again while the log is the same file.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ComparedCurves } from '../contract/comparison.ts';
import type { FoundModel } from '../engine/compare/compared-model.ts';
import type { StageCurves } from '../engine/compare/stage-curves.ts';
import { readStageCurves } from '../engine/compare/stage-curves.ts';
import { writeFileAtomic } from './atomic-file.ts';

/** Of a log that is worth keeping. */
const longLog = 4 * 2 ** 20;
/** Raised when what is read of a log changes. */
const version = 1;

interface Kept {
  version: number;
  size: number;
  modified: number;
  curves: StageCurves | null;
}

/** @param cacheFolder absent: nothing is kept @throws file-unreadable */
export async function compareCurves(
  found: readonly FoundModel[],
  cacheFolder: string | undefined,
): Promise<ComparedCurves[]> {
  const read = found.map(async ({ model, run }, index) => {
    if (run === null || model.stage === undefined) return [];
    const file = join(run.folder, 'events.jsonl');
    const curves = await keptCurves(file, model.stage, model.step, cacheFolder);
    return curves === null ? [] : [{ model: index, stage: model.stage, ...curves }];
  });
  return (await Promise.all(read)).flat();
}

async function keptCurves(
  file: string,
  stage: NonNullable<FoundModel['model']['stage']>,
  step: number | undefined,
  folder: string | undefined,
): Promise<StageCurves | null> {
  const { size = 0, mtimeMs: modified = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
  if (folder === undefined || size < longLog) return readStageCurves(file, stage, step);
  const name = createHash('sha256')
    .update(JSON.stringify([file, stage, step]))
    .digest('hex');
  const path = join(folder, `curves-${name.slice(0, 32)}.json`);
  const before = readKept(path);
  const isSame =
    before?.version === version && before.size === size && before.modified === modified;
  if (before !== null && isSame) return before.curves;
  const curves = await readStageCurves(file, stage, step);
  mkdirSync(folder, { recursive: true });
  const kept: Kept = { version, size, modified, curves };
  writeFileAtomic(path, JSON.stringify(kept), { durable: false });
  return curves;
}

function readKept(path: string): Kept | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Kept;
  } catch {
    return null;
  }
}
