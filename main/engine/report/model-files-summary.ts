/** The models that went into a run, from `stages/examples/models.json`; one fingerprint for each. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ReportedModelFiles } from '../../contract/report.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import type { FoundStage } from './run-files.ts';
import { isNumber, readJson, sourceOf } from './run-files.ts';

const file = 'models.json';

/** What is damaged, or was never written by an older version, is left out. */
export function summariseModelFiles(
  runFolder: string,
  stages: readonly FoundStage[],
): ReportedModelFiles[] {
  const found = readJson(join(runFolder, 'stages', 'examples', file));
  if (!Array.isArray(found)) return [];
  const source = sourceOf(stages, 'examples', file);
  return found.flatMap((entry: unknown) => {
    const { role, name, files } = asJsonObject(entry) ?? {};
    if (role !== 'base' && role !== 'adapter' && role !== 'weak') return [];
    if (typeof name !== 'string' || !Array.isArray(files)) return [];
    const hashed = files.flatMap(hashedFile);
    return [{ role, name, fingerprint: fingerprintOf(hashed), files: hashed, source }];
  });
}

/** As `sha256sum *.json *.safetensors | sha256sum` in the model's folder. */
export function fingerprintOf(files: readonly { name: string; sha256: string }[]): string {
  const inOrder = ['.json', '.safetensors'].flatMap((ending) =>
    files.filter(({ name }) => name.endsWith(ending)),
  );
  const listing = inOrder.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join('');
  return createHash('sha256').update(listing).digest('hex');
}

function hashedFile(entry: unknown): ReportedModelFiles['files'] {
  const { name, bytes, sha256 } = asJsonObject(entry) ?? {};
  if (typeof name !== 'string' || !isNumber(bytes) || typeof sha256 !== 'string') return [];
  return [{ name, bytes, sha256 }];
}
