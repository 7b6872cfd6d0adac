/** `wds bench --load DIR`: loading and saving a model folder beside plain reads and writes. */
import { resolve } from 'node:path';
import { benchmarkLoad, type LoadResult } from '../../engine/bench/load-benchmark.ts';
import { formatGigabytes, formatTable } from '../text.ts';

/** `scratch`: where the checkpoint of the test is written; removed again. */
export async function benchLoad(folder: string, scratch: string, json: boolean): Promise<number> {
  const result = await benchmarkLoad(resolve(folder), resolve(scratch));
  console.log(json ? JSON.stringify(result) : table(result));
  return 0;
}

function table(result: LoadResult): string {
  const rate = (seconds: number): string =>
    `${seconds.toFixed(2)} s, ${(result.bytes / 1e9 / seconds).toFixed(2)} GB/s`;
  const against = (seconds: number, plain: number): string =>
    `${rate(seconds)}, ${(seconds / plain).toFixed(2)} of plain`;
  const first = result.cacheDropped ? 'dropped from the page cache' : 'cache as it was';
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return formatTable([
    ['weights', `${formatGigabytes(result.bytes)} in ${result.files} files`],
    [`plain read, ${first}`, rate(result.coldReadSeconds)],
    [`load, ${first}`, against(result.coldLoadSeconds, result.coldReadSeconds)],
    ['plain read, again', rate(result.warmReadSeconds)],
    ['load, again', against(result.warmLoadSeconds, result.warmReadSeconds)],
    ['heap and array buffers while loading', megabytes(result.loadPeakBytes)],
    ['plain write and flush', rate(result.plainWriteSeconds)],
    ['save, flush and hash', against(result.saveSeconds, result.plainWriteSeconds)],
    ['heap and array buffers while saving', megabytes(result.savePeakBytes)],
  ]);
}
