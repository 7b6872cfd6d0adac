/** `wds compare`: two to six runs, checkpoints or models side by side, as text, HTML or JSON. */
import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import type { Comparison } from '../../contract/comparison.ts';
import { writeFileDurably } from '../../engine/checkpoint/durable-file.ts';
import { comparisonHtml } from '../../engine/report/comparison-html.ts';
import { percent, pValue, significant, signedPoints } from '../../engine/report/number-text.ts';
import { defaultRunsRoot, isRunId } from '../../host/run-folders.ts';
import { findRun } from '../../host/run-store.ts';
import { compareModels } from '../../pipeline/compare-models.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { printable } from '../text.ts';

export const compareSpec: CommandSpec = {
  name: 'compare',
  usage: 'CKPT CKPT... [--data FILE] [--out report.html] [--no-weights] [--json]',
  summary:
    'Sets two to six models side by side; the first is the baseline. CKPT is a run (its weak-driven model), RUN:base, RUN:sft or RUN:baseline, a checkpoint or a model folder.',
  options: {
    data: {
      value: 'FILE',
      help: 'evaluate all of them on this file, instead of what runs recorded',
    },
    out: { value: 'FILE', help: 'write the comparison as one HTML file' },
    'no-weights': { help: 'do not read the tensors' },
    json: { help: 'print one JSON document' },
  },
  positionals: ['CKPT...'],
};

export async function compare(args: string[]): Promise<number> {
  const given = parseArguments(compareSpec, args);
  const data = given.value('data');
  const out = given.value('out');
  const comparison = await compareModels(given.positionals.map(pathOf), {
    weights: !given.has('no-weights'),
    ...(data !== undefined && { data: resolve(data) }),
    onProgress: async (what, done, total) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}: ${done} of ${total}`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  if (out !== undefined) {
    writeFileDurably(resolve(out), [Buffer.from(comparisonHtml(comparison), 'utf8')]);
  }
  if (given.has('json')) console.log(JSON.stringify(comparison, plainArrays));
  else for (const line of linesOf(comparison)) console.log(printable(line));
  return 0;
}

/** A run by its id, also before a colon; everything else is a path. */
function pathOf(name: string): string {
  const [, id = name, member = ''] = /^([^:]+)(:[a-z-]+)$/.exec(name) ?? [];
  if (existsSync(name) || !isRunId(id)) return name;
  return `${existsSync(id) ? id : findRun(defaultRunsRoot(), id)}${member}`;
}

function plainArrays(_key: string, value: unknown): unknown {
  return value instanceof Float64Array ? [...value] : value;
}

function linesOf(comparison: Comparison): string[] {
  const { models, settings, evaluation, weights, missing } = comparison;
  const lines = models.map(({ label }, index) => {
    const score = evaluation?.scores[index];
    const pair = evaluation?.paired[index];
    const moved = weights?.models[index];
    const parts = [
      index === 0 ? 'baseline' : undefined,
      score?.accuracy === undefined ? undefined : `${percent(score.accuracy)} of ${score.items}`,
      score ? `loss ${significant(score.loss)}` : undefined,
      pair ? `${signedPoints(pair.difference)} points, ${pValue(pair.pValue)}` : undefined,
      pair ? `${pair.fixed} fixed, ${pair.broken} broken` : undefined,
      moved ? `weights moved ${percent(moved.total)}` : undefined,
    ];
    return `${label}: ${parts.filter((part) => part !== undefined).join('; ')}`;
  });
  const differences = settings.map(
    ({ name, values }) => `  ${name}: ${values.map((value) => value ?? '–').join(' | ')}`,
  );
  return [
    ...lines,
    ...(differences.length > 0 ? ['Different settings:', ...differences] : []),
    ...missing,
  ];
}
