/** Configurations as rows "optimizer.learningRate: 1e-5 | 2e-5", for a table of differences. */
import type { RunConfig } from '../../main/contract/config.ts';

export interface ConfigRow {
  name: string;
  values: string[];
  different: boolean;
}

function flatten(value: unknown, name: string, into: Map<string, string>): void {
  const isBranch = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isBranch) {
    into.set(name, typeof value === 'string' ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of Object.entries(value)) {
    flatten(part, name === '' ? key : `${name}.${key}`, into);
  }
}

export function configRows(configs: RunConfig[]): ConfigRow[] {
  const tables = configs.map((config) => {
    const table = new Map<string, string>();
    flatten(config, '', table);
    return table;
  });
  const names = [...new Set(tables.flatMap((table) => [...table.keys()]))];
  return names.map((name) => {
    const values = tables.map((table) => table.get(name) ?? '–');
    return { name, values, different: values.some((value) => value !== values[0]) };
  });
}
