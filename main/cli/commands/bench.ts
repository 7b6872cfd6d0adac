/**
 * `wds bench`: how long one step takes on this machine, on random weights of a given shape; with
 * --compare beside PyTorch in the same run.
 */
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { projectRoot } from '../../../resources/setup/paths.mjs';
import { benchFile, benchNames, readBenchConfig } from '../../engine/bench/bench-config.ts';
import { compare, findTorch, ratios, type ComparedVariant } from '../../engine/bench/compare.ts';
import { benchmarkStep, type BenchResult } from '../../engine/bench/step-benchmark.ts';
import { parseArguments, usage, type CommandSpec, type ParsedArguments } from '../arguments.ts';
import { formatCount, formatSeconds, formatTable } from '../text.ts';

export const benchSpec: CommandSpec = {
  name: 'bench',
  usage: '--config FILE [--set KEY=VALUE ...] [--compare [--python PATH] [--rounds N]] [--json]',
  summary: 'Times one training step, or one batch of the entropy pass, on random weights.',
  options: {
    config: { value: 'FILE', help: `${benchNames.join(', ')}, or a JSON file (default small)` },
    set: { value: 'KEY=VALUE', repeated: true, help: 'overrides the file, e.g. mode=sft' },
    compare: { help: 'run PyTorch on the same configuration too, in f32 and bf16' },
    python: { value: 'PATH', help: 'the Python that has torch and transformers' },
    rounds: { value: 'N', help: 'how often the comparison runs each program (default 3)' },
    json: { help: 'print one JSON document' },
  },
};

export async function bench(args: string[]): Promise<number> {
  const given = parseArguments(benchSpec, args);
  const name = given.value('config') ?? 'small';
  const config = readBenchConfig(name, given.values('set'));
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
  warnOfLoad();
  const rows = await compare({
    configFile: resolve(benchFile(name)),
    settings: given.values('set'),
    rounds,
    python: findTorch(python === undefined ? ['python3', 'python'] : [python]),
    ours: [process.execPath, join(projectRoot, 'resources', 'setup', 'launch.mjs'), 'bench'],
    onStart: (label, done, total) => console.error(`${done + 1}/${total} ${label}`),
  });
  const withRatios = rows.map((row) => ({ ...row, ...ratios(row, rows) }));
  console.log(given.has('json') ? JSON.stringify(withRatios) : comparisonTable(rows));
  return 0;
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
      formatCount(row.tokensPerSecond),
      toEager.toFixed(2),
      toBest.toFixed(2),
      gigabytes(row.peakBytes),
    ];
  });
  return formatTable([heading, ...lines]);
}

function describe(result: BenchResult): string {
  const measure = result.mode === 'entropy' ? 'entropy' : 'loss';
  return formatTable([
    ['configuration', `${result.name ?? 'unnamed'}, ${result.mode}, ${result.precision}`],
    ['parameters', formatCount(result.parameters)],
    ['tokens a step', `${result.batch} x ${result.T}`],
    ['step', `${result.step_s_median.toFixed(3)} s (fastest ${result.step_s_min.toFixed(3)} s)`],
    ['processor time', `${result.cpu_s_median.toFixed(3)} s on ${result.threads} threads`],
    ['tokens/s', formatCount(result.tokens_per_s)],
    ['first step', `${formatSeconds(result.first_step_s)}, with compilation`],
    ['peak memory', gigabytes(result.peak_rss_bytes)],
    [measure, `${result.loss_first.toFixed(4)} -> ${result.loss_last.toFixed(4)}`],
    ['device', `${result.device}, TensorFlow ${result.tensorflow}`],
  ]);
}
