/** One forward pass of a model over the rows of a data file: margin and loss of every answer token. */
import type { RunConfig } from '../contract/config.ts';
import type { MeasuredTokens } from '../engine/compare/token-spread.ts';
import { tokenSpread } from '../engine/compare/token-spread.ts';
import { measureExamples } from '../engine/train/measure-examples.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import { comparedRows } from './compared-rows.ts';

/** @param onBatch throw to stop */
export async function measureTokens(
  source: ModelSource,
  config: Pick<RunConfig, 'data' | 'batch' | 'precision'>,
  onBatch: (done: number, total: number) => Promise<void>,
): Promise<MeasuredTokens> {
  const margins: number[] = [];
  const losses: number[] = [];
  await measureExamples({
    ...(await comparedRows(source, config)),
    alignment: 'predicting',
    onBatch,
    onToken({ margin, loss }) {
      margins.push(margin);
      losses.push(loss);
    },
  });
  return tokenSpread(margins, losses);
}
