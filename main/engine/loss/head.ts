/**
 * Final norm and head of the models that meet in a loss: answer rows in, logits out, and the way back.
 * Two models that stand on one frozen head (adapters on one base) share its products: their rows go
 * through it together, and since their row gradients are multiples of one g (mixed-cross-entropy.ts),
 * g W is made once.
 *
 * C rows of a chunk, H hidden size, V vocabulary.
 */
import { gradients } from '../graph/differentiate.ts';
import { island } from '../graph/island.ts';
import { argument } from '../graph/library.ts';
import { cast, multiply } from '../graph/ops/elementwise.ts';
import { matmul } from '../graph/ops/matmul.ts';
import { concat, sliceAxis } from '../graph/ops/shape.ts';
import { readVariable, writeGradient, type GradientWrite } from '../graph/ops/variable.ts';
import type { Node, Scope, Value } from '../graph/scope.ts';
import { rmsNorm } from '../model/rms-norm.ts';

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
  /** `states`: rows of the last layer, f32; `normed`: after the final norm, in the compute type. */
  rows: 'states' | 'normed';
}

export interface Head {
  model: HeadModel;
  /** [C, H], as `model.rows` says. */
  rows: Value;
  /** The final norm's weight; null where the rows are normed. */
  norm: Value | null;
  /** [V, H] in the compute type */
  matrix: Value;
  gradients: { norm: Value; matrix: Value } | null;
  /** After the final norm, in the compute type. [C, H] */
  hidden: Value;
}

/**
 * The arguments of one model, in this order: rows [C, H], the resources of the final norm (unless the
 * rows are normed) and of the head, and where they are trained those of the gradients of both.
 */
export function takeHead(
  scope: Scope,
  { model, shape }: { model: HeadModel; shape: HeadShape },
): { inputs: Value[]; head: Head } {
  const { chunk, hidden: width, compute } = shape;
  const resource = (): Value => argument(scope, { dtype: 'resource', shape: [] });
  const normed = model.rows === 'normed';
  const rows = argument(scope, { dtype: normed ? compute : 'f32', shape: [chunk, width] });
  const norm = normed ? null : resource();
  const matrix = resource();
  const written = model.trained ? { norm: resource(), matrix: resource() } : null;
  const normWeight = norm && readVariable(norm, { dtype: 'f32', shape: [width] });
  const stored = { dtype: shape.weights, shape: [shape.vocabulary, width] } as const;
  const head: Head = {
    model,
    rows,
    norm: normWeight,
    matrix: cast(readVariable(matrix, stored), compute),
    gradients: written,
    hidden: normWeight ? finalNorm(rows, normWeight, shape) : rows,
  };
  const inputs = [rows, ...(norm ? [norm] : []), matrix];
  return { inputs: written ? [...inputs, written.norm, written.matrix] : inputs, head };
}

/** rows [C, H] f32 -> [C, H] in the compute type. */
export function finalNorm(
  rows: Value,
  weight: Value,
  { epsilon, compute }: Pick<HeadShape, 'epsilon' | 'compute'>,
): Value {
  const [hidden] = island('final_norm', [rows, weight], ([x, w]) => [
    cast(rmsNorm(x!, w!, epsilon), compute),
  ]);
  return hidden!;
}

/** [C, V] of each head, in the compute type. `shared`: they all have the first one's matrix. */
export function headLogits(heads: readonly Head[], shared: boolean): Value[] {
  const product = (rows: Value, { matrix }: Head): Value => matmul(rows, matrix, false, true);
  if (!shared) return heads.map((head) => product(head.hidden, head));
  const together = product(concat(heads.map((head) => head.hidden), 0), heads[0]!); // prettier-ignore
  const chunk = heads[0]!.hidden.shape[0]!;
  return heads.map((_, index) => sliceAxis(together, 0, index * chunk, (index + 1) * chunk));
}

/**
 * With dL/dz = share * gradient for each head: writes the gradients of trained matrices and norms to
 * their variables and returns those of the rows [C, H] f32 of every head that wants them.
 */
export function headsBackward(
  parts: readonly { head: Head; share: Value }[],
  gradient: Value,
  shared: boolean,
  how: GradientWrite,
): { rowGradients: Value[]; effects: Node[] } {
  const rowGradients: Value[] = [];
  const effects: Node[] = [];
  let product: Value | null = null;
  for (const { head, share } of parts) {
    if (!head.model.wantsRows) continue;
    product = (shared ? product : null) ?? matmul(gradient, head.matrix);
    const compute = head.hidden.dtype as 'f32' | 'bf16';
    const [scaled, scaledHidden] = island(
      'share',
      [product, head.hidden, share],
      ([value, states, factor]) => [
        cast(multiply(cast(value!, 'f32'), factor!), compute),
        cast(multiply(cast(states!, 'f32'), factor!), compute),
      ],
    );
    const wanted = head.gradients ? [head.rows, head.norm!] : [head.rows];
    const [rowGradient, normGradient] = gradients([head.hidden], [scaled!], wanted);
    rowGradients.push(rowGradient!);
    if (!head.gradients) continue;
    const matrixGradient = cast(matmul(gradient, scaledHidden!, true), 'f32');
    effects.push(
      writeGradient(how, head.gradients.matrix, matrixGradient),
      writeGradient(how, head.gradients.norm, normGradient!),
    );
  }
  return { rowGradients, effects };
}
