/**
 * `wds bench`: how long one step takes on this machine, on random weights of a given shape; with
 * --compare beside PyTorch in the same run.
 */
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { projectRoot } from '../../../resources/setup/paths.mjs';
import { benchFile, benchNames, readBenchConfig } from '../../engine/bench/bench-config.ts';
import { benchParts, variants, type BenchPart } from '../../engine/bench/compare.ts';
import { benchmarkStep, type BenchResult } from '../../engine/bench/step-benchmark.ts';
import { parseArguments, usage, type CommandSpec, type ParsedArguments } from '../arguments.ts';
import { formatCount, formatGigabytes, formatSeconds, formatTable } from '../text.ts';
import { benchCompare, type BenchCompareOptions } from './bench-compare.ts';
import { benchLoad } from './bench-load.ts';
import { benchPlan } from './bench-plan.ts';
import { benchPacking } from './bench-packing.ts';
import { benchScaling } from './bench-scaling.ts';

export const benchSpec: CommandSpec = {
  name: 'bench',
  usage:
    '--config FILE [--set KEY=VALUE ...] [--compare [--part NAME ...] [--variant NAME ...] [--python PATH] [--rounds N]] [--json]',
  summary: 'Times a training step, a batch of the entropy pass or generation, on random weights.',
  options: {
    config: { value: 'FILE', help: `${benchNames.join(', ')}, or a JSON file (default small)` },
    set: { value: 'KEY=VALUE', repeated: true, help: 'overrides the file, e.g. mode=sft' },
    compare: {
      help: 'run PyTorch on the same configuration too, in f32 and, where it is fast, bf16',
    },
    part: {
      value: 'NAME',
      repeated: true,
      help: `what to compare: ${Object.keys(benchParts).join(', ')} or all (default step)`,
    },
    variant: {
      value: 'NAME',
      repeated: true,
      help: `only these: ${variants.map(({ label }) => label).join('; ')}`,
    },
    python: { value: 'PATH', help: 'the Python that has torch and transformers' },
    rounds: { value: 'N', help: 'how often the comparison runs each program (default 3)' },
    packing: { help: 'instead: packed against padded training on realistic lengths' },
    plan: { help: 'instead: planned against measured memory over a grid of settings' },
    load: { value: 'DIR', help: 'instead: load and save this model folder, beside plain files' },
    scaling: { value: 'DIR', help: 'instead: how cost grows with each size; writes plots there' },
    axis: { value: 'NAME', repeated: true, help: 'only length, depth, vocabulary or batch' },
    json: { help: 'print one JSON document' },
  },
};

const ours = [process.execPath, join(projectRoot, 'resources', 'setup', 'launch.mjs'), 'bench'];

export async function bench(args: string[]): Promise<number> {
  const given = parseArguments(benchSpec, args);
  const load = given.value('load');
  if (load !== undefined) return benchLoad(load, tmpdir(), given.has('json'));
  const scaling = given.value('scaling');
  if (scaling !== undefined) {
    return benchScaling(scaling, given.values('axis'), ours, given.has('json'));
  }
  const name = given.value('config') ?? 'small';
  if (given.has('plan')) return benchPlan(resolve(benchFile(name)), ours, given.has('json'));
  const config = readBenchConfig(name, given.values('set'));
  if (given.has('packing')) return benchPacking(config, given.has('json'));
  if (given.has('compare')) return benchCompare(compareOptions(name, given));
  const result = await benchmarkStep(config);
  console.log(given.has('json') ? JSON.stringify(result) : describe(result));
  return 0;
}

function compareOptions(config: string, given: ParsedArguments): BenchCompareOptions {
  const rounds = given.number('rounds') ?? 3;
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw usage(benchSpec, '--rounds must be a positive whole number.');
  }
  const partNames = Object.keys(benchParts) as BenchPart[];
  const named = given.values('part');
  const parts = knownOnes('part', named.length > 0 ? named : ['step'], [...partNames, 'all']);
  const python = given.value('python');
  return {
    config,
    settings: given.values('set'),
    parts: parts.includes('all') ? partNames : (parts as BenchPart[]),
    labels: knownOnes(
      'variant',
      given.values('variant'),
      variants.map(({ label }) => label),
    ),
    rounds,
    pythons: python === undefined ? ['python3', 'python'] : [python],
    json: given.has('json'),
    ours,
  };
}

function knownOnes<Name extends string>(
  option: string,
  names: readonly string[],
  known: readonly Name[],
): Name[] {
  const strange = names.find((name) => !(known as readonly string[]).includes(name));
  if (strange === undefined) return names as Name[];
  throw usage(benchSpec, `There is no ${option} '${strange}'; there are: ${known.join('; ')}.`);
}

function describe(result: BenchResult): string {
  return formatTable([
    ['configuration', `${result.name ?? 'unnamed'}, ${result.mode}, ${result.precision}`],
    ['parameters', formatCount(result.parameters)],
    ['tokens a step', `${result.batch} x ${result.T}`],
    ['step', `${result.step_s_median.toFixed(3)} s (fastest ${result.step_s_min.toFixed(3)} s)`],
    ['processor time', `${result.cpu_s_median.toFixed(3)} s on ${result.threads} threads`],
    ['tokens/s', formatCount(result.tokens_per_s)],
    ['first step', `${formatSeconds(result.first_step_s)}, with compilation`],
    ['peak memory', formatGigabytes(result.peak_rss_bytes)],
    ['memory over the steps', growth(result)],
    ...lossLine(result),
    ['device', `${result.device}, TensorFlow ${result.tensorflow}`],
  ]);
}

function lossLine({ mode, loss_first: first, loss_last: last }: BenchResult): string[][] {
  if (first === null || last === null) return [];
  return [[mode === 'entropy' ? 'entropy' : 'loss', `${first.toFixed(4)} -> ${last.toFixed(4)}`]];
}

function growth({ rss_early_bytes: early, rss_end_bytes: end }: BenchResult): string {
  const percent = 100 * (end / early - 1);
  return `${formatGigabytes(early)} -> ${formatGigabytes(end)} (${percent.toFixed(1)} %)`;
}
