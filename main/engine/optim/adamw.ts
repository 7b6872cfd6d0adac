/**
 * AdamW (Loshchilov & Hutter 2019) as PyTorch computes it, one compiled function per parameter shape:
 *   p *= 1 - lr * decay;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *   p -= (lr / (1 - b1^t)) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
 * g is the accumulated gradient times the clipping factor. The scalars come from the host, computed in double precision from the step
 * number, so resuming cannot drift. A parameter kept in bf16 is updated in f32 and rounded.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import { island } from '../graph/island.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import {
  add, cast, divide, multiply, square, squareRoot, subtract,
} from '../graph/ops/elementwise.ts'; // prettier-ignore
import { sum } from '../graph/ops/shape.ts';
import { assignVariable, readVariable, type ResourceSpec } from '../graph/ops/variable.ts';
import { Scope, type Value } from '../graph/scope.ts';

/** Scalars of one update, all f32 [], in the order in which the function takes them. */
export const updateScalars = ['clip', 'decay', 'stepSize', 'correction'] as const;
export type UpdateScalars = Record<(typeof updateScalars)[number], number>;

/** `step` is 1-based; `clip` multiplies the gradient. */
export function updateScalarsAt(
  step: number,
  learningRate: number,
  clip: number,
  { betas, weightDecay }: OptimizerConfig,
): UpdateScalars {
  return {
    clip,
    decay: 1 - learningRate * weightDecay,
    stepSize: learningRate / (1 - betas[0] ** step),
    correction: 1 / Math.sqrt(1 - betas[1] ** step),
  };
}

/** As torch.nn.utils.clip_grad_norm_: min(1, maximum / (norm + 1e-6)). */
export function clippingFactor(norm: number, maximum: number): number {
  return Math.min(1, maximum / (norm + 1e-6));
}

/** Norm weights are never decayed; matrices, embeddings and adapters are. */
export function isDecayed(parameterName: string): boolean {
  return !parameterName.includes('norm');
}

/** parameter, gradient, first moment, second moment (resources), then `updateScalars`; no outputs. */
export function defineAdamW(
  library: Library,
  parameter: ResourceSpec,
  gradientSpec: ResourceSpec,
  { betas, epsilon }: OptimizerConfig,
  decayed: boolean,
): GraphFunction {
  const scope = new Scope('function', library);
  const resources = [0, 1, 2, 3].map(() => argument(scope, { dtype: 'resource', shape: [] }));
  const scalars = updateScalars.map(() => argument(scope, { dtype: 'f32', shape: [] }));
  const [p, g, m, v] = resources as [Value, Value, Value, Value];
  const [clip, decay, stepSize, correction] = scalars as [Value, Value, Value, Value];
  const f32 = { dtype: 'f32', shape: parameter.shape } as const;

  const gradient = multiply(cast(readVariable(g, gradientSpec), 'f32'), clip);
  const first = add(multiply(readVariable(m, f32), betas[0]), multiply(gradient, 1 - betas[0]));
  const second = add(
    multiply(readVariable(v, f32), betas[1]),
    multiply(square(gradient), 1 - betas[1]),
  );
  const denominator = add(multiply(squareRoot(second), correction), epsilon);
  const before = cast(readVariable(p, parameter), 'f32');
  const kept = decayed ? multiply(before, decay) : before;
  const after = subtract(kept, divide(multiply(first, stepSize), denominator));
  const effects = [
    assignVariable(p, cast(after, parameter.dtype)),
    assignVariable(m, first),
    assignVariable(v, second),
  ];
  return library.add('adamw', { inputs: [...resources, ...scalars], outputs: [], effects }, true);
}

/** A gradient variable -> the sum of its squares, [1] f32. */
export function defineSumOfSquares(library: Library, gradient: ResourceSpec): GraphFunction {
  const scope = new Scope('function', library);
  const resource = argument(scope, { dtype: 'resource', shape: [] });
  const value = readVariable(resource, gradient);
  const squares = (numbers: Value): Value => square(cast(numbers, 'f32'));
  // Down the columns first, which is done in vectors; a sum to one number goes one by one. Two islands,
  // because the compiler would make one sum of them again.
  const [columns] = island('column_squares', [value], ([numbers]) => [
    gradient.shape.length === 1 ? squares(numbers!) : sum(squares(numbers!), [0]),
  ]);
  const [total] = island('total', [columns!], ([numbers]) => [
    sum(
      numbers!,
      numbers!.shape.map((_, axis) => axis),
    ),
  ]);
  const parts = { inputs: [resource], outputs: [total!] };
  return library.add('sum_of_squares', parts, library.placement.functions === 'xla');
}
