/** Settings that are not the same in all runs, as rows "optimizer.learningRate: 1e-5 | 2e-5". */
import type { Comparison } from '../../contract/comparison.ts';
import type { RunConfig } from '../../contract/config.ts';

export function settingDifferences(configs: readonly (RunConfig | null)[]): Comparison['settings'] {
  const tables = configs.map((config) => {
    const table = new Map<string, string>();
    if (config !== null) flatten(config, '', table);
    return table;
  });
  const known = tables.filter((_, index) => configs[index] !== null);
  const names = [...new Set(known.flatMap((table) => [...table.keys()]))];
  return names
    .filter((name) => known.some((table) => table.get(name) !== known[0]?.get(name)))
    .map((name) => ({ name, values: tables.map((table) => table.get(name) ?? null) }));
}

function flatten(value: unknown, name: string, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    into.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    flatten(part, name === '' ? key : `${name}.${key}`, into);
  }
}
