/** Root-mean-square normalisation: y = w * x / sqrt(mean(x^2) + epsilon), over the last axis, in f32. */
import type { Value } from '../graph/scope.ts';
import { add, multiply, reciprocalSquareRoot, square } from '../graph/ops/elementwise.ts';
import { mean } from '../graph/ops/reduce.ts';

/** x [..., D] f32, weight [D] f32 -> [..., D] f32. To be used inside an island. */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const meanSquare = mean(square(x), [x.shape.length - 1], true);
  return multiply(weight, multiply(x, reciprocalSquareRoot(add(meanSquare, epsilon))));
}
