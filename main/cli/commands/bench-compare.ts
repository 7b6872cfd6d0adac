/** `wds bench --compare`: our step beside PyTorch's, with ratios to its fastest and its leanest. */
import { cpus, loadavg } from 'node:os';
import { resolve } from 'node:path';
import { benchFile, readBenchConfig } from '../../engine/bench/bench-config.ts';
import {
  benchParts, chooseVariants, compare, findTorch, ratios, trainsWith,
  type BenchPart, type ComparedVariant,
} from '../../engine/bench/compare.ts'; // prettier-ignore
import { deviceOf } from '../../engine/bench/prepared-step.ts';
import { describeProcessor } from '../../engine/runtime/processor.ts';
import { formatCount, formatGigabytes, formatTable } from '../text.ts';

export interface BenchCompareOptions {
  /** A configuration's name or file. */
  config: string;
  settings: readonly string[];
  parts: readonly BenchPart[];
  /** Labels of `variants`; none: all that the part and the device call for. */
  labels: readonly string[];
  rounds: number;
  /** The Python to ask for PyTorch, in this order. */
  pythons: readonly string[];
  json: boolean;
  /** The words of a command that runs `wds bench`. */
  ours: readonly string[];
}

export async function benchCompare(options: BenchCompareOptions): Promise<number> {
  const { config, labels, rounds, json, ours } = options;
  const device = deviceOf(readBenchConfig(config, options.settings));
  const multipliesBf16 = device === 'gpu' || describeProcessor().bfloat16;
  if (!multipliesBf16 && labels.length === 0) {
    console.error('bf16 is left out: this processor does not multiply it. --variant asks for it.');
  }
  warnOfLoad();
  const python = findTorch(options.pythons);
  const configFile = resolve(benchFile(config));
  const all: object[] = [];
  for (const part of options.parts) {
    const settings = [...benchParts[part], ...options.settings];
    const chosen = chooseVariants(labels, { trains: trainsWith(settings), multipliesBf16 });
    const onStart = (label: string, done: number, total: number): void =>
      console.error(`${part} ${done + 1}/${total} ${label}`);
    const rows = await compare({
      variants: chosen,
      configFile,
      settings,
      rounds,
      python,
      ours,
      onStart,
    });
    all.push(...rows.map((row) => ({ part, ...row, ...ratios(row, rows) })));
    if (!json) console.log(`${part}\n${comparisonTable(rows)}`);
  }
  if (json) console.log(JSON.stringify(all));
  return 0;
}

/** PyTorch's threads wait for one another, so what else runs slows it down most of all. */
function warnOfLoad(): void {
  const [load] = loadavg() as [number, number, number];
  if (load < cpus().length / 2) return;
  console.error(`Other programs use the processor (load ${load.toFixed(1)}): ratios mean little.`);
}

function comparisonTable(rows: readonly ComparedVariant[]): string {
  const heading = ['', 'step', 'fastest', 'processor', 'tokens/s', 'to torch', 'peak', 'to torch'];
  const lines = rows.map((row) => {
    const ratio = ratios(row, rows);
    return [
      row.label,
      `${row.stepSeconds.toFixed(3)} s`,
      `${row.fastestStepSeconds.toFixed(3)} s`,
      `${row.processorSeconds.toFixed(3)} s`,
      formatCount(row.tokensPerSecond),
      ratio?.toBest.toFixed(2) ?? '',
      formatGigabytes(row.peakBytes),
      ratio?.memoryToLeanest.toFixed(2) ?? '',
    ];
  });
  return formatTable([heading, ...lines]);
}
