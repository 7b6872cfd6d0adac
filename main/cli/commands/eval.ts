/**
 * `wds eval`: a model's score on a benchmark from the user's own file. Stopped or killed at any moment
 * and called again, it goes on where it was.
 */
import { evaluationRequestSchema } from '../../contract/evaluation.ts';
import type { EvaluationProgress, EvaluationRequest } from '../../contract/evaluation.ts';
import { benchmarkNames } from '../../contract/evaluation.ts';
import { evaluate } from '../../host/evaluation.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { formatEvaluation } from '../evaluation-results.ts';
import { formatCount, formatSeconds, printable } from '../text.ts';

export const evalSpec: CommandSpec = {
  name: 'eval',
  usage: '--model DIR --task NAME|FILE.yaml --data FILE [options]',
  summary: `Scores a model on a benchmark: ${benchmarkNames.join(', ')}, or a task of your own.`,
  options: {
    model: { value: 'DIR', help: 'model folder, or the folder of an adapter checkpoint' },
    adapter: { value: 'DIR', help: 'LoRA adapter in PEFT layout, put on top of the model' },
    task: { value: 'NAME', help: 'benchmark, or a task file (YAML)' },
    data: { value: 'FILE', help: 'its rows: JSONL, JSON, parquet or CSV' },
    limit: { value: 'N', help: 'only the first N items' },
    samples: { value: 'N', help: 'generations for each item (default 1)' },
    'pass-at': { value: 'K', repeated: true, help: 'report pass@K (default: K = samples)' },
    'max-new-tokens': { value: 'N', help: "most tokens of a response (default: the benchmark's)" },
    temperature: { value: 'T', help: 'default 0 (greedy), for several samples 0.5' },
    'top-p': { value: 'P', help: 'nucleus of this mass (default 1: all tokens)' },
    'top-k': { value: 'K', help: 'only the k most likely tokens (default 0: all)' },
    seed: { value: 'N', help: 'of the random draws (default 42)' },
    batch: { value: 'N', help: 'most generations at once (default: what fits, at most 32)' },
    precision: { value: 'f32|bf16', help: 'of weights and products (default f32)' },
    out: { value: 'DIR', help: 'folder for items.jsonl and summary.json' },
    json: { help: 'one JSON document on stdout: the summary' },
  },
};

export async function evaluateCommand(args: string[]): Promise<number> {
  const given = parseArguments(evalSpec, args);
  const request = asRequest(given);
  const out = given.value('out');
  const show = progressLine();
  const { folder, summary } = await evaluate(request, {
    ...(out !== undefined && { folder: out }),
    onProgress: show,
  });
  if (given.has('json')) console.log(JSON.stringify(summary));
  else console.log(`${formatEvaluation(summary)}\n${printable(folder)}`);
  return 0;
}

function asRequest(given: ParsedArguments): EvaluationRequest {
  const numbers = {
    limit: given.number('limit'),
    samples: given.number('samples'),
    maxNewTokens: given.number('max-new-tokens'),
    temperature: given.number('temperature'),
    topP: given.number('top-p'),
    topK: given.number('top-k'),
    seed: given.number('seed'),
    batch: given.number('batch'),
  };
  const texts = {
    model: given.required('model'),
    task: given.required('task'),
    adapter: given.value('adapter'),
    data: given.value('data'),
    precision: given.value('precision'),
  };
  const passAt = given.values('pass-at').flatMap((list) => list.split(',').map(Number));
  const entries = Object.entries({ ...numbers, ...texts, passAt });
  const checked = evaluationRequestSchema.safeParse(
    Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
  );
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const option = String(issue!.path[0]).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usage(evalSpec, `--${option}: ${issue!.message}.`);
}

/** On a terminal one line that moves; elsewhere a line every few seconds. */
function progressLine(): (progress: EvaluationProgress) => void {
  const { stderr } = process;
  let shown = -Infinity;
  let width = 0;
  return (progress) => {
    if (progress.kind === 'evaluation-started') {
      for (const warning of progress.warnings) stderr.write(`warning: ${printable(warning)}\n`);
      const kept = progress.kept > 0 ? `, ${formatCount(progress.kept)} of them finished` : '';
      const counts = `${formatCount(progress.items)} items, ${formatCount(progress.generations)} generations`;
      stderr.write(`${printable(progress.task)}: ${counts}${kept}\n`);
    } else if (progress.kind === 'evaluation-finished') {
      if (width > 0) stderr.write(`\r${' '.repeat(width)}\r`);
    } else {
      const now = performance.now();
      if (now - shown < (stderr.isTTY ? 100 : 5000)) return;
      shown = now;
      const { done, generations, correct, tokensPerSecond, remaining } = progress;
      const parts = [
        `${formatCount(done)}/${formatCount(generations)}`,
        `${formatCount(correct)} correct`,
        `${formatCount(tokensPerSecond)} tok/s`,
        ...(remaining === undefined ? [] : [`${formatSeconds(remaining)} to go`]),
      ];
      const line = parts.join('  ');
      stderr.write(stderr.isTTY ? `\r${line.padEnd(width)}` : `${line}\n`);
      if (stderr.isTTY) width = line.length;
    }
  };
}
