/** `wds compare`: two to six runs, checkpoints or models side by side, as text, HTML, PDF or JSON. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { comparisonFormats } from '../../contract/comparison.ts';
import type { ComparisonFormat } from '../../contract/comparison.ts';
import { writeComparison } from '../../engine/report/comparison-report.ts';
import { jsonText } from '../../engine/report/json-text.ts';
import { comparisonFolders } from '../../host/comparison.ts';
import { defaultRunsRoot, isRunId } from '../../host/run-folders.ts';
import { findRun } from '../../host/run-store.ts';
import { compareModels, generateAll } from '../../pipeline/compare-models.ts';
import type { BesideRequest } from '../../pipeline/generate-beside.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { parseArguments } from '../arguments.ts';
import { comparisonLines } from '../comparison-results.ts';
import { printPdf } from '../print-pdf.ts';
import { printable } from '../text.ts';

export const compareSpec: CommandSpec = {
  name: 'compare',
  usage:
    'CKPT CKPT... [--data FILE] [--prompt S] [--out report.html|.pdf|.json] [--no-weights] [--no-margins] [--json]',
  summary:
    'Sets two to six models side by side; the first is the baseline. CKPT is a run (its weak-driven model), RUN:base, RUN:sft or RUN:baseline, a checkpoint or a model folder.',
  options: {
    data: {
      value: 'FILE',
      help: 'evaluate all of them on this file, instead of what runs recorded',
    },
    prompt: { value: 'S', help: 'let all of them answer this prompt' },
    'max-new-tokens': { value: 'N', help: 'most tokens of such an answer (default 256)' },
    temperature: { value: 'T', help: 'of its sampling (default 0: greedy)' },
    seed: { value: 'N', help: 'of its random draws, the same for all (default 42)' },
    out: { value: 'FILE', help: 'write the comparison as one file: HTML, PDF or JSON as it ends' },
    'no-weights': { help: 'do not read the tensors' },
    'no-margins': { help: 'do not measure logit margins; those measured before are shown' },
    json: { help: 'print one JSON document' },
  },
  positionals: ['CKPT...'],
};

export async function compare(args: string[]): Promise<number> {
  const given = parseArguments(compareSpec, args);
  const data = given.value('data');
  const prompt = given.value('prompt');
  const out = given.value('out');
  const format = formatOf(out);
  const paths = given.positionals.map(pathOf);
  const compared = await compareModels(paths, {
    ...comparisonFolders(),
    weights: !given.has('no-weights'),
    tokens: !given.has('no-margins'),
    benchmarkItems: out !== undefined || given.has('json'),
    ...(data !== undefined && { data: resolve(data) }),
    onProgress: async (what, done, total) => showProgress(`${what}: ${done} of ${total}`),
  });
  const generations =
    prompt === undefined ? null : await generateAll(paths, requestOf(given, prompt), quietly);
  showProgress('');
  const comparison = { ...compared, generations };
  if (out !== undefined) await writeComparison(comparison, format, resolve(out), printPdf);
  if (given.has('json')) process.stdout.write(jsonText(comparison));
  else for (const line of comparisonLines(comparison)) console.log(printable(line));
  return 0;
}

/** HTML unless the file's name ends otherwise. */
function formatOf(out: string | undefined): ComparisonFormat {
  const ending = extname(out ?? '')
    .slice(1)
    .toLowerCase();
  return comparisonFormats.find((name) => name === ending) ?? 'html';
}

function requestOf(given: ParsedArguments, prompt: string): BesideRequest {
  return {
    prompt,
    maxNewTokens: given.number('max-new-tokens') ?? 256,
    temperature: given.number('temperature') ?? 0,
    topP: 1,
    seed: given.number('seed') ?? 42,
  };
}

const quietly = { onText: () => undefined, breathe: async () => undefined };

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** A run by its id, also before a colon; everything else is a path. */
function pathOf(name: string): string {
  const [, id = name, member = ''] = /^([^:]+)(:[a-z-]+)$/.exec(name) ?? [];
  if (existsSync(name) || !isRunId(id)) return name;
  return `${existsSync(id) ? id : findRun(defaultRunsRoot(), id)}${member}`;
}
