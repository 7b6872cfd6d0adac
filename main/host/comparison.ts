/** Comparisons with what this user's data folder holds: evaluations on benchmarks, kept measurements. */
import { join } from 'node:path';
import type { CompareOptions } from '../pipeline/compare-models.ts';
import { dataHome, evaluationsRoot } from './run-folders.ts';

export function comparisonFolders(): Required<
  Pick<CompareOptions, 'evaluationsFolder' | 'cacheFolder'>
> {
  return {
    evaluationsFolder: evaluationsRoot(),
    cacheFolder: join(dataHome(), 'comparisons'),
  };
}
