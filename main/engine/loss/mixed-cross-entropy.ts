/**
 * The joint loss (WD-JT): cross-entropy of mixed logits, over a chunk of answer rows, with its
 * gradients made in the same pass:
 *   z = (1 - l) z_weak + l z_strong          g = w (softmax(z) - onehot(y))
 *   dh_strong = l g W_s    dW_s += l g^T h_s    dh_weak = (1 - l) g W_w    dW_w += (1 - l) g^T h_w
 * w is the row's share of the loss (1 / answer tokens of the whole accumulation window, 0 for
 * padding), so that micro-batches add up to the exact mean. Without a weak model it is plain SFT;
 * under UNDIAL (undial.ts) the second model is the teacher and g another one.
 * The vocabulary is never whole: callers cut the answer rows into chunks of C.
 */
import { island } from '../graph/island.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import { scalar } from '../graph/ops/constant.ts';
import { add, cast, divide, multiply, subtract, select } from '../graph/ops/elementwise.ts';
import { concat, reshape, sliceAxis } from '../graph/ops/shape.ts';
import type { GradientWrite } from '../graph/ops/variable.ts';
import { Scope, type Value } from '../graph/scope.ts';
import { headLogits, headsBackward, takeHead, type HeadModel, type HeadShape } from './head.ts';
import { undialPass } from './undial.ts';
import { distribution, divergence, labelColumns } from './vocabulary-metrics.ts';

export const singleColumns = ['strongLoss', 'strongEntropy', 'strongMargin'] as const;
export const mixedColumns = [
  'mixedLoss', 'mixedEntropy', 'mixedMargin',
  ...singleColumns,
  'weakLoss', 'weakEntropy', 'weakMargin',
  'divergence',
] as const; // prettier-ignore
export const undialColumns = ['distillationLoss', ...singleColumns] as const;

export interface LossModel {
  model: HeadModel;
  shape: HeadShape;
}

/** A chunk's models: the strong one, and for joint training the weak one. */
export interface LossModels {
  strong: LossModel;
  weak: LossModel | null;
  /** The second model is UNDIAL's teacher, not part of a mixture; lambda is then its strength. */
  teaches: boolean;
  /** Weak and strong stand on one frozen head. */
  sharedHead: boolean;
}

/**
 * labels [C] i32, weights [C] f32, lambda [] f32, then per model (strong first) what `takeHead` says
 * -> metrics [C, columns] f32 (`mixedColumns`, `singleColumns` or `undialColumns`), then the row
 * gradients [C, H] f32 of each model that wants them.
 */
export function defineMixedLoss(
  library: Library,
  models: LossModels,
  how: GradientWrite,
): GraphFunction {
  const { shape } = models.strong;
  const scope = new Scope('function', library);
  const labels = argument(scope, { dtype: 'i32', shape: [shape.chunk] });
  const weights = argument(scope, { dtype: 'f32', shape: [shape.chunk] });
  const lambda = argument(scope, { dtype: 'f32', shape: [] });
  const strong = takeHead(scope, models.strong);
  const weak = models.weak && takeHead(scope, models.weak);
  const heads = weak ? [strong.head, weak.head] : [strong.head];

  const logits = headLogits(heads, models.sharedHead);
  const metricParts: Value[] = [];
  const gradientParts: Value[] = [];
  for (const { begin, end } of rowBlocks(shape)) {
    const part = (value: Value): Value => sliceAxis(value, 0, begin, end);
    const [metrics, gradient] = island(
      'mixed_cross_entropy',
      [part(labels), part(weights), lambda, ...logits.map(part)],
      ([y, w, l, ...parts]) => {
        const [own, other] = parts.map((part) => cast(part, 'f32'));
        return other && models.teaches
          ? undialPass(y!, w!, l!, own!, other, shape.compute)
          : pass(y!, w!, l!, own!, other, shape);
      },
    );
    metricParts.push(metrics!);
    gradientParts.push(gradient!);
  }
  const isMixed = weak !== null && !models.teaches;
  const shares = [isMixed ? lambda : scalar(scope, 'f32', 1), subtract(1, lambda)];
  const { rowGradients, effects } = headsBackward(
    heads.map((head, index) => ({ head, share: shares[index]! })),
    concat(gradientParts, 0),
    models.sharedHead,
    how,
  );
  const inputs = [labels, weights, lambda, ...strong.inputs, ...(weak ? weak.inputs : [])];
  return library.add(
    'mixed_loss',
    { inputs, outputs: [concat(metricParts, 0), ...rowGradients], effects },
    library.placement.functions === 'xla',
  );
}

/** About so many bytes of f32 logits: what is stored between the sums over a row stays in the cache. */
const blockBytes = 2 * 1024 * 1024;

/** [begin, end) of the rows that one island takes; the islands of a chunk run side by side. */
function rowBlocks({ chunk, vocabulary }: HeadShape): { begin: number; end: number }[] {
  const size = Math.max(8, Math.floor(blockBytes / (4 * vocabulary)));
  const count = Math.ceil(chunk / size);
  return Array.from({ length: count }, (_, index) => ({
    begin: index * size,
    end: Math.min(chunk, (index + 1) * size),
  }));
}

/** metrics [C, columns], g [C, V] in the compute type */
function pass(
  labels: Value,
  weights: Value,
  lambda: Value,
  strongLogits: Value,
  weakLogits: Value | undefined,
  shape: HeadShape,
): Value[] {
  const isLabel = labelColumns(labels, shape.vocabulary);
  const strong = distribution(strongLogits, isLabel);
  let mixed = strong;
  let columns = [strong.crossEntropy, strong.entropy, strong.margin];
  if (weakLogits) {
    const weak = distribution(weakLogits, isLabel);
    mixed = distribution(
      add(multiply(subtract(1, lambda), weakLogits), multiply(lambda, strongLogits)),
      isLabel,
    );
    columns = [
      mixed.crossEntropy, mixed.entropy, mixed.margin,
      ...columns,
      weak.crossEntropy, weak.entropy, weak.margin,
      divergence(strong, weak, strongLogits, weakLogits),
    ]; // prettier-ignore
  }
  const column = [labels.shape[0]!, 1];
  const share = reshape(weights, column);
  const scaled = multiply(mixed.weights, divide(share, mixed.total));
  const gradient = select(isLabel, subtract(scaled, share), scaled);
  return [
    concat(columns.map((values) => reshape(values, column)), 1),
    cast(gradient, shape.compute),
  ]; // prettier-ignore
}
