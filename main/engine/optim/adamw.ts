/**
 * AdamW (Loshchilov & Hutter 2019) as PyTorch computes it, one compiled function per parameter shape:
 *   p *= 1 - lr * decay;  m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2
 *   p -= (lr / (1 - b1^t)) * m / (sqrt(v) / sqrt(1 - b2^t) + epsilon)
 * g is the accumulated gradient times the clipping factor. The scalars come from the host, computed in
 * double precision from the step number, so resuming cannot drift. A parameter kept in bf16 is updated in
 * f32 and rounded to nearest. Where the moments are kept in bf16 too, all three are rounded stochastically,
 * which PyTorch does not do.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import {
  add, cast, divide, multiply, square, squareRoot, subtract,
} from '../graph/ops/elementwise.ts'; // prettier-ignore
import { assignVariable, readVariable, type ResourceSpec } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import { Scope, type Node, type Value } from '../graph/scope.ts';
import { roundingBits, roundStochastically } from './stochastic-rounding.ts';

/** Scalars of one update and their types, in the order in which the function takes them. */
const updateScalars = {
  clip: 'f32',
  decay: 'f32',
  stepSize: 'f32',
  correction: 'f32',
  step: 'i32',
} as const;
export type UpdateScalars = Record<keyof typeof updateScalars, number>;

/** What an entry takes to be fed with `updateScalarsAt`. */
export function updatePlaceholders(program: Program): Record<keyof UpdateScalars, Value> {
  const named = Object.entries(updateScalars).map(
    ([name, dtype]) => [name, program.placeholder(dtype, [])] as const,
  );
  return Object.fromEntries(named) as Record<keyof UpdateScalars, Value>;
}

/** What `apply` is fed. `step` is 1-based; `clip` multiplies the gradient. */
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
    step,
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

/** The types of the variables of one parameter. */
export interface UpdatedSpecs {
  parameter: ResourceSpec;
  gradient: ResourceSpec;
  moment: ResourceSpec;
}

/** parameter, gradient, first moment, second moment (resources), then `updateScalars`; no outputs. */
export function defineAdamW(
  library: Library,
  { parameter, gradient: gradientSpec, moment }: UpdatedSpecs,
  { betas, epsilon }: OptimizerConfig,
  decayed: boolean,
): GraphFunction {
  const scope = new Scope('function', library);
  const resources = [0, 1, 2, 3].map(() => argument(scope, { dtype: 'resource', shape: [] }));
  const scalars = Object.values(updateScalars).map((dtype) =>
    argument(scope, { dtype, shape: [] }),
  );
  const [p, g, m, v] = resources as [Value, Value, Value, Value];
  const [clip, decay, stepSize, correction, step] = scalars as [Value, Value, Value, Value, Value];
  const wide = (resource: Value, spec: ResourceSpec): Value =>
    cast(readVariable(resource, spec), 'f32');

  const gradient = multiply(wide(g, gradientSpec), clip);
  const first = add(multiply(wide(m, moment), betas[0]), multiply(gradient, 1 - betas[0]));
  const second = add(multiply(wide(v, moment), betas[1]), multiply(square(gradient), 1 - betas[1]));
  const denominator = add(multiply(squareRoot(second), correction), epsilon);
  const before = wide(p, parameter);
  const kept = decayed ? multiply(before, decay) : before;
  const after = subtract(kept, divide(multiply(first, stepSize), denominator));
  const bits = moment.dtype === 'bf16' ? roundingBits(step, parameter.shape, 3) : [];
  const write = (resource: Value, { dtype }: ResourceSpec, value: Value, set: number): Node => {
    const random = dtype === 'bf16' ? bits[set] : undefined;
    return assignVariable(
      resource,
      random ? roundStochastically(value, random) : cast(value, dtype),
    );
  };
  const effects = [
    write(p, parameter, after, 0),
    write(m, moment, first, 1),
    write(v, moment, second, 2),
  ];
  const inputs = [...resources, ...scalars];
  return library.add('adamw', { inputs, outputs: [], effects }, true);
}
