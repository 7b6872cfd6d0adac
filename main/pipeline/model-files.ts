/**
 * Which models went into a run, by the bytes of their files, so that a report can say it and someone
 * else can check. Read once per run, in its first stage; checkpoints have hashes in their manifests.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ModelSource } from '../engine/train/model-source.ts';
import { hashFile } from './hash.ts';

export interface HashedModel {
  role: 'base' | 'adapter' | 'weak';
  name: string;
  files: { name: string; bytes: number; sha256: string }[];
}

/** `weak`: a folder of its own; null where the weak agent is the base or comes out of the run. */
export async function hashModels(base: ModelSource, weak: string | null): Promise<HashedModel[]> {
  const models = [await hashFolder('base', base.base)];
  if (base.adapter !== null) models.push(await hashFolder('adapter', base.adapter));
  if (weak !== null) models.push(await hashFolder('weak', weak));
  return models;
}

async function hashFolder(role: HashedModel['role'], folder: string): Promise<HashedModel> {
  const files: HashedModel['files'] = [];
  const names = readdirSync(folder).filter((name) => /\.(safetensors|json)$/.test(name));
  for (const name of names.sort()) {
    const path = join(folder, name);
    files.push({ name, bytes: statSync(path).size, sha256: await hashFile(path) });
  }
  return { role, name: basename(folder), files };
}
