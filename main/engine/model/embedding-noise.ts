/**
 * NEFTune (arXiv 2310.05914): while training, every input embedding gets noise drawn uniformly from
 *   [-m, m],   m = alpha / sqrt(L H)
 * L is the number of tokens of the document, as in the paper's own code, so that noise does not depend
 * on what else is packed into the row (transformers takes the padded length of the batch instead; with
 * one document a row and no padding that is the same). The draws are a function of the step's key, as
 * LoRA's dropout is: a resumed stage draws the very same.
 */
import type { Batch } from '../data/batch.ts';
import { island } from '../graph/island.ts';
import { constant } from '../graph/ops/constant.ts';
import { add, multiply, subtract } from '../graph/ops/elementwise.ts';
import { randomUniform } from '../graph/ops/random.ts';
import { reshape } from '../graph/ops/shape.ts';
import { scopeOf, type Value } from '../graph/scope.ts';

export interface EmbeddingNoise {
  /** i32 [2], new in every micro-batch. */
  key: Value;
  /** [B*T] f32, `noiseMagnitudes` of the batch. */
  magnitudes: Value;
}

/** The layers' dropout uses streams 0 to 6 of a key. */
const noiseStream = 7;

export function noiseMagnitude(alpha: number, tokens: number, hidden: number): number {
  return alpha / Math.sqrt(tokens * hidden);
}

/** Per position of a batch, 0 for padding: [B*T]. */
export function noiseMagnitudes(
  { documents, length }: Pick<Batch, 'documents' | 'length'>,
  alpha: number,
  hidden: number,
): Float32Array {
  const place = (document: number, at: number): string => `${Math.floor(at / length)}:${document}`;
  const tokens = new Map<string, number>();
  documents.forEach((document, at) => {
    tokens.set(place(document, at), (tokens.get(place(document, at)) ?? 0) + 1);
  });
  return Float32Array.from(documents, (document, at) =>
    document === 0 ? 0 : noiseMagnitude(alpha, tokens.get(place(document, at))!, hidden),
  );
}

/** states [B*T, H] f32 with noise added. Its gradient is that of the embeddings. */
export function addEmbeddingNoise(states: Value, noise: EmbeddingNoise): Value {
  const [rows] = states.shape as [number, number];
  const [noisy] = island(
    'embedding_noise',
    [states, noise.key, noise.magnitudes],
    ([values, key, magnitudes]) => {
      const own = add(key!, constant(scopeOf(key!), 'i32', [2], [0, noiseStream]));
      const uniform = subtract(multiply(randomUniform(own, values!.shape), 2), 1);
      return [add(values!, multiply(uniform, reshape(magnitudes!, [rows, 1])))];
    },
  );
  return noisy!;
}
