/** A benchmark by its name (also as others spell it: "MATH-500", "aime25"), or from a YAML file. */
import { existsSync } from 'node:fs';
import { StudioError } from '../../../contract/errors.ts';
import { aqua } from './aqua.ts';
import { codeTasks } from './code-tasks.ts';
import { loadCustomTask } from './custom-task.ts';
import { mathTasks } from './math-tasks.ts';
import type { BenchmarkTask } from './task.ts';

export const benchmarks: readonly BenchmarkTask[] = [...mathTasks, aqua, ...codeTasks];

const otherNames: Record<string, string> = {
  aime: 'aime2025',
  aime25: 'aime2025',
  amc: 'amc23',
  amc2023: 'amc23',
  math: 'math500',
  aquarat: 'aqua',
};

/** `data` is the file a YAML task names itself. @throws config-invalid, file-missing */
export function findTask(name: string): { task: BenchmarkTask; data: string | null } {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const known = Object.hasOwn(otherNames, plain) ? otherNames[plain] : plain;
  const task = benchmarks.find((benchmark) => benchmark.name === known);
  if (task) return { task, data: null };
  if (/\.ya?ml$/i.test(name) || existsSync(name)) return loadCustomTask(name);
  throw new StudioError(
    'config-invalid',
    `There is no benchmark "${name.slice(0, 80)}".`,
    `Known: ${benchmarks.map((benchmark) => benchmark.name).join(', ')}; or a task file (YAML).`,
  );
}
