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
import { gradients } from '../graph/differentiate.ts';
import { scalar } from '../graph/ops/constant.ts';
import { add, cast, divide, multiply, subtract, select } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { concat, reshape, sliceAxis } from '../graph/ops/shape.ts';
import { readVariable, writeGradient, type GradientWrite } from '../graph/ops/variable.ts';
import { rmsNorm } from '../model/rms-norm.ts';
import { Scope, type Node, type OutputSpec, type Value } from '../graph/scope.ts';
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

export interface HeadShape {
  /** C, rows of a chunk. */
  chunk: number;
  hidden: number;
  vocabulary: number;
  epsilon: number;
  weights: 'f32' | 'bf16';
  compute: 'f32' | 'bf16';
}

export interface HeadModel {
  /** Final norm and head are trained: their gradients are written to variables. */
  trained: boolean;
  /** The body below is trained, so the gradient of the rows is wanted. */
  wantsRows: boolean;
}

interface HeadArguments {
  rows: Value;
  norm: Value;
  head: Value;
  normGradient: Value | null;
  headGradient: Value | null;
}

/** Resources of one model's final norm and head, in the order in which the function takes them. */
export function headInputs(shape: HeadShape, model: HeadModel): OutputSpec[] {
  const resource: OutputSpec = { dtype: 'resource', shape: [] };
  return [
    { dtype: 'f32', shape: [shape.chunk, shape.hidden] },
    ...Array.from({ length: model.trained ? 4 : 2 }, () => resource),
  ];
}

/**
 * `teaches`: the weak model is UNDIAL's teacher, not part of a mixture.
 * labels [C] i32, weights [C] f32, lambda (UNDIAL: strength) [] f32, then per model (strong first) `headInputs`
 * -> metrics [C, columns] f32 (`mixedColumns`, `singleColumns` or `undialColumns`), then the row gradients [C, H] f32 of each model that wants them.
 */
export function defineMixedLoss(
  library: Library,
  shape: HeadShape,
  strongModel: HeadModel,
  weakModel: HeadModel | null,
  how: GradientWrite,
  teaches: boolean,
): GraphFunction {
  const scope = new Scope('function', library);
  const labels = argument(scope, { dtype: 'i32', shape: [shape.chunk] });
  const weights = argument(scope, { dtype: 'f32', shape: [shape.chunk] });
  const lambda = argument(scope, { dtype: 'f32', shape: [] });
  const inputs = [labels, weights, lambda];
  const take = (model: HeadModel): HeadArguments => {
    const args = headInputs(shape, model).map((spec) => argument(scope, spec));
    inputs.push(...args);
    const [rows, norm, head, normGradient = null, headGradient = null] = args;
    return { rows: rows!, norm: norm!, head: head!, normGradient, headGradient };
  };
  const strong = head(take(strongModel), shape);
  const weak = weakModel ? head(take(weakModel), shape) : null;

  const logits = weak ? [strong.logits, weak.logits] : [strong.logits];
  const metricParts: Value[] = [];
  const gradientParts: Value[] = [];
  for (const { begin, end } of rowBlocks(shape)) {
    const part = (value: Value): Value => sliceAxis(value, 0, begin, end);
    const [metrics, gradient] = island(
      'mixed_cross_entropy',
      [part(labels), part(weights), lambda, ...logits.map(part)],
      ([y, w, l, strongLogits, weakLogits]) =>
        weakLogits && teaches
          ? undialPass(
              y!,
              w!,
              l!,
              cast(strongLogits!, 'f32'),
              cast(weakLogits, 'f32'),
              shape.compute,
            )
          : pass(
              y!,
              w!,
              l!,
              cast(strongLogits!, 'f32'),
              weakLogits && cast(weakLogits, 'f32'),
              shape,
            ),
    );
    metricParts.push(metrics!);
    gradientParts.push(gradient!);
  }
  const metrics = concat(metricParts, 0);
  const gradient = concat(gradientParts, 0);

  const effects: Node[] = [];
  const outputs = [metrics];
  const back = (part: Head, model: HeadModel, share: Value): void => {
    if (model.wantsRows || model.trained) {
      const result = headBackward(part, gradient, share, model, how, effects);
      if (model.wantsRows) outputs.push(result);
    }
  };
  back(strong, strongModel, weak && !teaches ? lambda : scalar(scope, 'f32', 1));
  if (weak && weakModel) back(weak, weakModel, subtract(1, lambda));
  return library.add(
    'mixed_loss',
    { inputs, outputs, effects },
    library.placement.functions === 'xla',
  );
}

interface Head extends HeadArguments {
  normWeight: Value;
  headWeight: Value;
  /** After the final norm, in the compute type. [C, H] */
  hidden: Value;
  /** [C, V] in the compute type */
  logits: Value;
}

function head(args: HeadArguments, shape: HeadShape): Head {
  const normWeight = readVariable(args.norm, { dtype: 'f32', shape: [shape.hidden] });
  const headWeight = readVariable(args.head, {
    dtype: shape.weights,
    shape: [shape.vocabulary, shape.hidden],
  });
  const [hidden] = island('final_norm', [args.rows, normWeight], ([rows, weight]) => [
    cast(rmsNorm(rows!, weight!, shape.epsilon), shape.compute),
  ]);
  const logits = matmul(hidden!, cast(headWeight, shape.compute), false, true);
  return { ...args, normWeight, headWeight, hidden: hidden!, logits };
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

/** Writes the gradients of head and norm to their variables; returns that of the rows. */
function headBackward(
  part: Head,
  gradient: Value,
  share: Value,
  model: HeadModel,
  how: GradientWrite,
  effects: Node[],
): Value {
  const { hidden, rows, normWeight } = part;
  const compute = hidden.dtype as 'f32' | 'bf16';
  const product = matmul(gradient, cast(part.headWeight, compute));
  const [scaled, scaledHidden] = island(
    'share',
    [product, hidden, share],
    ([value, states, factor]) => [
      cast(multiply(cast(value!, 'f32'), factor!), compute),
      cast(multiply(cast(states!, 'f32'), factor!), compute),
    ],
  );
  if (model.trained) {
    const headGradient = cast(matmul(gradient, scaledHidden!, true), 'f32');
    effects.push(writeGradient(how, part.headGradient!, headGradient));
  }
  const wanted = model.trained ? [rows, normWeight] : [rows];
  const [rowGradient, normGradient] = gradients([hidden], [scaled!], wanted);
  if (model.trained) effects.push(writeGradient(how, part.normGradient!, normGradient!));
  return rowGradient!;
}
