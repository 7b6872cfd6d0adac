/**
 * Causal grouped-query attention over packed rows: a position sees the positions before it of its
 * own document. Queries go in chunks, and a chunk meets only the keys up to its end, so there is no
 * [T, T] score matrix and about half of the products above the diagonal are never made. The G query
 * heads that share a key head are laid out as more rows of one product: keys are never repeated.
 *
 * B rows, T length, K key heads, G queries per key head, D head size, c chunk.
 */
import { scopeOf, type Value } from '../graph/scope.ts';
import { island } from '../graph/island.ts';
import { recomputed, type CallOrder } from '../graph/recomputed.ts';
import { constant, iota } from '../graph/ops/constant.ts';
import {
  and, cast, divide, equal, exp, greaterOrEqual, multiply, select, subtract,
} from '../graph/ops/elementwise.ts'; // prettier-ignore
import { batchMatmul } from '../graph/ops/matmul.ts';
import { rowMaximum, rowSum } from '../graph/ops/row-reductions.ts';
import { concat, reshape, sliceAxis, transpose } from '../graph/ops/shape.ts';

/** Queries to a chunk: a row of up to so many positions meets one set of keys, whatever its length. */
export const chunkLength = 256;
const masked = -1e30;
/**
 * Probabilities of all chunks are T/2 to a token: in longer rows the backward pass computes each
 * chunk's again, and memory grows with T instead of its square.
 */
export const longestKept = 1024;

/**
 * queries [B, K, G, T, D] (scaled by 1/sqrt(D)), keys and values [B, K, T, D], documents [B, T] i32
 * -> [B*T, K*G*D], all in the type of the queries; soft-max in f32.
 */
export function attention(queries: Value, keys: Value, values: Value, documents: Value): Value {
  const [rows, keyHeads, group, length, headDim] = queries.shape as number[] as Five;
  const outputs: Value[] = [];
  const order: CallOrder = { forward: [], backward: [] };
  for (let begin = 0; begin < length; begin += chunkLength) {
    const end = Math.min(length, begin + chunkLength);
    const size = end - begin;
    const chunk = reshape(sliceAxis(queries, 3, begin, end), [
      rows, keyHeads, group * size, headDim,
    ]); // prettier-ignore
    const attend = ([q, k, v, d]: Value[]): Value => {
      const scores = batchMatmul(q!, k!, false, true);
      const probabilities = causalSoftmax(scores, d!, { begin, end, group });
      return batchMatmul(probabilities, v!);
    };
    const own = [chunk, sliceAxis(keys, 2, 0, end), sliceAxis(values, 2, 0, end), documents];
    outputs.push(
      length > longestKept ? recomputed('attention_chunk', own, attend, order) : attend(own),
    );
  }
  const [merged] = island('merge_heads', outputs, (chunks) => {
    const parts = chunks.map((chunk) => reshape(chunk, [rows, keyHeads, group, -1, headDim]));
    const whole = transpose(concat(parts, 3), [0, 3, 1, 2, 4]);
    return [reshape(whole, [rows * length, keyHeads * group * headDim])];
  });
  return merged!;
}

type Five = [number, number, number, number, number];

/** scores [B, K, G*c, end] -> probabilities; query begin + i sees key j <= begin + i of its document. */
function causalSoftmax(
  scores: Value,
  documents: Value,
  { begin, end, group }: { begin: number; end: number; group: number },
): Value {
  const [rows, keyHeads] = scores.shape as [number, number];
  const split = [rows, keyHeads, group, end - begin, end];
  const body = ([s, d]: Value[]): Value[] => {
    const scope = scopeOf(s!);
    const of = (from: number): Value => sliceAxis(d!, 1, from, end);
    const sameDocument = equal(
      reshape(of(begin), [rows, 1, 1, end - begin, 1]),
      reshape(of(0), [rows, 1, 1, 1, end]),
    );
    const positions = Array.from({ length: end - begin }, (_, i) => begin + i);
    const notLater = greaterOrEqual(
      constant(scope, 'i32', [end - begin, 1], positions),
      reshape(iota(scope, end), [1, end]),
    );
    const wide = cast(reshape(s!, split), 'f32');
    const shown = select(and(sameDocument, notLater), wide, masked);
    const weights = exp(subtract(shown, rowMaximum(shown)));
    const result = divide(weights, rowSum(weights));
    return [reshape(cast(result, s!.dtype as 'f32' | 'bf16'), s!.shape)];
  };
  // ds = p (dp - sum(dp p)): from the probabilities, which the product with the values keeps anyway.
  const [probabilities] = island('causal_softmax', [scores, documents], body, ([dp], node) => {
    const [ds] = island('softmax_gradient', [node.outputs[0]!, dp!], ([p, gradient]) => {
      const wide = cast(p!, 'f32');
      const product = multiply(wide, cast(gradient!, 'f32'));
      const inner = rowSum(product);
      const result = subtract(product, multiply(wide, inner));
      return [cast(result, p!.dtype as 'f32' | 'bf16')];
    });
    return [ds!, null];
  });
  return probabilities!;
}
