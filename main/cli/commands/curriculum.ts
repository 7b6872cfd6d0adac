/**
 * `wds curriculum`: entropies of two or three models -> weight of every sample, and the rows drawn.
 * The phase between the two trainings, alone; `wds run` does the same inside the pipeline.
 */
import type { SampleDocument, WeightLine } from '../../contract/artifacts.ts';
import { curriculumSchema } from '../../contract/config.ts';
import { writeFileDurably } from '../../engine/checkpoint/durable-file.ts';
import { alignEntropies } from '../../engine/curriculum/check-entropies.ts';
import { curriculumWeights } from '../../engine/curriculum/curriculum-weights.ts';
import { curriculumOutlook, termShares } from '../../engine/curriculum/effective-sample-size.ts';
import { readEntropyFile } from '../../engine/curriculum/entropy-file.ts';
import { resample, samplingProbabilities } from '../../engine/curriculum/resample.ts';
import type { CommandSpec, ParsedArguments } from '../arguments.ts';
import { helpText, parseArguments, usage } from '../arguments.ts';

export const spec: CommandSpec = {
  name: 'curriculum',
  usage:
    '--entropy F0 F1 [F2] --out FILE.jsonl [--scheme discrepancy|brownboost|uniform] [options]',
  summary: 'Weigh every sample by how its entropy changed, and draw the curriculum.',
  options: {
    entropy: {
      value: 'FILE',
      repeated: true,
      help: 'entropy files of the base, of the SFT model, and for brownboost of a third model',
    },
    scheme: { value: 'NAME', help: 'discrepancy (default), brownboost or uniform' },
    alpha: { value: 'X', help: 'weight of samples that were uncertain at the start (0.1)' },
    beta: { value: 'X', help: 'weight of samples whose entropy fell (0.8)' },
    gamma: { value: 'X', help: 'weight of samples whose entropy rose (0.1)' },
    seed: { value: 'N', help: 'seed of the draws (42)' },
    multiplier: { value: 'X', help: 'rows to draw per row there is (1)' },
    out: { value: 'FILE', help: 'where to write the weights, one JSON line per sample' },
    sample: { value: 'FILE', help: 'where to write the drawn rows: {seed, size, indices}' },
    json: { help: 'print one JSON document' },
    help: { help: 'show this' },
  },
};

/** @returns the exit code; throws StudioErrors */
export async function curriculum(args: string[]): Promise<number> {
  const parsed = parseArguments(spec, spreadEntropyFiles(args));
  if (parsed.has('help')) {
    process.stdout.write(`${helpText(spec)}\n`);
    return 0;
  }
  const settings = readSettings(parsed);
  const out = parsed.required('out');
  const { ids, entropies } = alignEntropies(settings.files.map(readEntropyFile));
  const { weights, terms } = curriculumWeights(entropies, settings);
  const [alpha, beta, gamma] = terms;
  const drawn = resample(weights, settings.multiplier, settings.seed);
  const { probabilities } = samplingProbabilities(weights);

  writeFileDurably(out, weightLines(ids, entropies, drawn.isUniform ? probabilities : weights));
  const samplePath = parsed.value('sample');
  if (samplePath !== undefined) {
    const { seed, size, indices } = drawn;
    const sample: SampleDocument = { seed, size, indices: [...indices] };
    writeFileDurably(samplePath, [encode(`${JSON.stringify(sample)}\n`)]);
  }
  report(parsed.has('json'), {
    scheme: settings.scheme,
    rows: ids.length,
    drawn: drawn.size,
    distinct: new Set(drawn.indices).size,
    seed: drawn.seed,
    isUniform: drawn.isUniform,
    ...curriculumOutlook(probabilities, drawn.size),
    termShares: termShares({ alpha, beta, gamma }),
    out,
    ...(samplePath !== undefined && { sample: samplePath }),
  });
  return 0;
}

/** `--entropy a b c` as the parser knows it: the option repeated. */
function spreadEntropyFiles(args: string[]): string[] {
  const spread: string[] = [];
  let inside = false;
  for (const argument of args) {
    if (argument.startsWith('--')) inside = argument === '--entropy';
    else if (inside && spread.at(-1) !== '--entropy') spread.push('--entropy');
    spread.push(argument);
  }
  return spread;
}

function readSettings(parsed: ParsedArguments) {
  const defaults = curriculumSchema.parse({});
  const scheme = parsed.value('scheme') ?? defaults.scheme;
  if (scheme !== 'discrepancy' && scheme !== 'brownboost' && scheme !== 'uniform') {
    throw usage(spec, `--scheme is discrepancy, brownboost or uniform, not "${scheme}".`);
  }
  const files = parsed.values('entropy');
  const needed = scheme === 'brownboost' ? 3 : 2;
  if (files.length !== needed) {
    throw usage(spec, `--scheme ${scheme} needs ${needed} entropy files, not ${files.length}.`);
  }
  const seed = parsed.number('seed') ?? defaults.seed;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw usage(spec, `--seed must be a whole number from 0 up, not ${seed}.`);
  }
  return {
    files,
    scheme,
    seed,
    alpha: parsed.number('alpha') ?? defaults.alpha,
    beta: parsed.number('beta') ?? defaults.beta,
    gamma: parsed.number('gamma') ?? defaults.gamma,
    multiplier: parsed.number('multiplier') ?? defaults.multiplier,
  } as const;
}

function* weightLines(
  ids: readonly (string | number)[],
  entropies: readonly Float64Array[],
  weights: Float64Array,
): Generator<Uint8Array> {
  for (const [row, id] of ids.entries()) {
    const line: WeightLine = {
      id,
      entropy0: entropies[0]![row]!,
      entropy1: entropies[1]![row]!,
      ...(entropies[2] && { entropy2: entropies[2][row]! }),
      weight: weights[row]!,
    };
    yield encode(`${JSON.stringify(line)}\n`);
  }
}

function report(
  asJson: boolean,
  summary: Record<string, unknown> & {
    rows: number;
    drawn: number;
    distinct: number;
    isUniform: boolean;
    effectiveSampleSize: number;
    out: string;
  },
): void {
  if (summary.isUniform) {
    process.stderr.write('Every weight is 0, so all samples are equally likely.\n');
  }
  if (asJson) {
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  const { rows, drawn, distinct, effectiveSampleSize, out } = summary;
  process.stdout.write(
    `${rows} samples weighed (effective sample size ${effectiveSampleSize.toFixed(1)}); ` +
      `${drawn} drawn, ${distinct} of them different. Weights: ${out}\n`,
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
