/**
 * The entropy pass (WD-DS): for each sample the mean over its answer tokens of
 *   H = -sum_v p_v log p_v, in nats, over the full vocabulary.
 * `predicting` measures the distribution that predicts each answer token; `reference` reproduces the
 * reference implementation, which is one position late and counts the assistant's header as answer.
 */
import type { EntropyLine } from '../../contract/artifacts.ts';
import { StudioError } from '../../contract/errors.ts';
import { measureExamples, type MeasureOptions } from '../train/measure-examples.ts';

export async function measureEntropies(options: MeasureOptions): Promise<EntropyLine[]> {
  const measures = await measureExamples(options);
  return options.examples.map(({ id }, index) => {
    const { entropy, tokens } = measures[index]!;
    const mean = entropy / tokens;
    if (!Number.isFinite(mean)) {
      throw new StudioError(
        'entropy-invalid',
        `The entropy of sample ${id} is ${mean}.`,
        'The model gives logits that are not finite; check its weights.',
      );
    }
    return { id, entropy: mean, tokens };
  });
}
