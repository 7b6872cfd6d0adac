/**
 * `wds bench`: how long one step takes on this machine, on random weights of a given shape; with
 * --compare beside PyTorch in the same run.
 */
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { projectRoot } from '../../../resources/setup/paths.mjs';
import { benchFile, benchNames, readBenchConfig } from '../../engine/bench/bench-config.ts';
import {
  benchParts, compare, findTorch, ratios, type BenchPart, type ComparedVariant,
} from '../../engine/bench/compare.ts'; // prettier-ignore
import { benchmarkStep, type BenchResult } from '../../engine/bench/step-benchmark.ts';
import { parseArguments, usage, type CommandSpec, type ParsedArguments } from '../arguments.ts';
import { formatCount, formatSeconds, formatTable } from '../text.ts';
import { benchLoad } from './bench-load.ts';
import { benchPlan } from './bench-plan.ts';
import { benchPacking } from './bench-packing.ts';
import { benchScaling } from './bench-scaling.ts';

export const benchSpec: CommandSpec = {
  name: 'bench',
  usage:
    '--config FILE [--set KEY=VALUE ...] [--compare [--part NAME ...] [--python PATH] [--rounds N]] [--json]',
  summary: 'Times a training step, a batch of the entropy pass or generation, on random weights.',
  options: {
    config: { value: 'FILE', help: `${benchNames.join(', ')}, or a JSON file (default small)` },
    set: { value: 'KEY=VALUE', repeated: true, help: 'overrides the file, e.g. mode=sft' },
    compare: { help: 'run PyTorch on the same configuration too, in f32 and bf16' },
    part: {
      value: 'NAME',
      repeated: true,
      help: `what to compare: ${Object.keys(benchParts).join(', ')} or all (default step)`,
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
  if (given.has('compare')) return compareWithTorch(name, given);
  const result = await benchmarkStep(config);
  console.log(given.has('json') ? JSON.stringify(result) : describe(result));
  return 0;
}

async function compareWithTorch(name: string, given: ParsedArguments): Promise<number> {
  const rounds = given.number('rounds') ?? 3;
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw usage(benchSpec, '--rounds must be a positive whole number.');
  }
  const python = given.value('python');
  const parts = chosenParts(given.values('part'));
  warnOfLoad();
  const torch = findTorch(python === undefined ? ['python3', 'python'] : [python]);
  const all: object[] = [];
  for (const part of parts) {
    const rows = await compare({
      configFile: resolve(benchFile(name)),
      settings: [...benchParts[part], ...given.values('set')],
      rounds,
      python: torch,
      ours,
      onStart: (label, done, total) => console.error(`${part} ${done + 1}/${total} ${label}`),
    });
    all.push(...rows.map((row) => ({ part, ...row, ...ratios(row, rows) })));
    if (!given.has('json')) console.log(`${part}\n${comparisonTable(rows)}`);
  }
  if (given.has('json')) console.log(JSON.stringify(all));
  return 0;
}

function chosenParts(names: readonly string[]): BenchPart[] {
  const known = Object.keys(benchParts) as BenchPart[];
  if (names.includes('all')) return known;
  const strange = names.find((name) => !(known as string[]).includes(name));
  if (strange !== undefined) {
    throw usage(benchSpec, `There is no part '${strange}'; there are ${known.join(', ')} and all.`);
  }
  return names.length > 0 ? (names as BenchPart[]) : ['step'];
}

/** PyTorch's threads wait for one another, so what else runs slows it down most of all. */
function warnOfLoad(): void {
  const [load] = loadavg() as [number, number, number];
  if (load < cpus().length / 2) return;
  console.error(`Other programs use the processor (load ${load.toFixed(1)}): ratios mean little.`);
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

function comparisonTable(rows: readonly ComparedVariant[]): string {
  const heading = [
    '',
    'step',
    'fastest',
    'processor',
    'tokens/s',
    'to torch f32 eager',
    'to torch best',
    'peak',
  ];
  const lines = rows.map((row) => {
    const { toEager, toBest } = ratios(row, rows);
    return [
      row.label,
      `${row.stepSeconds.toFixed(3)} s`,
      `${row.fastestStepSeconds.toFixed(3)} s`,
      `${row.processorSeconds.toFixed(3)} s`,
      formatCount(row.tokensPerSecond),
      toEager.toFixed(2),
      toBest.toFixed(2),
      gigabytes(row.peakBytes),
    ];
  });
  return formatTable([heading, ...lines]);
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
    ['peak memory', gigabytes(result.peak_rss_bytes)],
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
  return `${gigabytes(early)} -> ${gigabytes(end)} (${percent.toFixed(1)} %)`;
}
