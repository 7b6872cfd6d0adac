/** `wds bench --packing`: packed against padded training on examples of realistic lengths. */
import type { BenchConfig } from '../../engine/bench/bench-config.ts';
import { benchmarkPacking } from '../../engine/bench/packing-benchmark.ts';
import { formatCount, formatTable } from '../text.ts';

const windows = 4;

export async function benchPacking(config: BenchConfig, json: boolean): Promise<number> {
  const results = await benchmarkPacking(config, windows);
  if (json) {
    console.log(JSON.stringify(results));
    return 0;
  }
  const slowest = results.at(-1)!;
  console.log(
    formatTable([
      ['', 'filled', 'tokens/s', 'ratio', 'tokens per processor second', 'ratio'],
      ...results.map((result) => [
        result.way,
        `${Math.round(100 * result.filled)} %`,
        formatCount(result.tokensPerSecond),
        (result.tokensPerSecond / slowest.tokensPerSecond).toFixed(2),
        formatCount(result.tokensPerProcessorSecond),
        (result.tokensPerProcessorSecond / slowest.tokensPerProcessorSecond).toFixed(2),
      ]),
    ]),
  );
  return 0;
}
