/**
 * What a model is, for deciding whether a stage has to be run again: name, size and modification time
 * of each file of its folders, and the content of its configs. Hashing 8 GB of weights before every
 * stage would cost more than most stages.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ModelSource } from '../engine/train/model-source.ts';

export function modelFingerprint({ base, adapter }: ModelSource): unknown {
  return { base: folderFingerprint(base), adapter: adapter && folderFingerprint(adapter) };
}

function folderFingerprint(folder: string): unknown {
  const files = readdirSync(folder)
    .filter((name) => /\.(safetensors|json)$/.test(name))
    .sort()
    .map((name) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return { name, size, modified: Math.round(mtimeMs) };
    });
  return { name: basename(folder), files };
}
