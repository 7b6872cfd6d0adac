/**
 * Root-mean-square normalisation: y = w * x r with r = 1 / sqrt(mean(x^2) + epsilon), over the last axis,
 * in f32. With g = w * dy: dx = g r - r^3 mean(g x) x and dw = sum(dy * x r). The order of these products
 * and sums decides the rounding, and so the path that a seed leads along: it is part of a study's results.
 */
import { differentiatedAs, type Value } from '../graph/scope.ts';
import { add, multiply, reciprocalSquareRoot, square } from '../graph/ops/elementwise.ts';
import { rowSum } from '../graph/ops/row-reductions.ts';
import { sumToShape } from '../graph/ops/shape.ts';

/** x [..., D] f32, weight [D] f32 -> [..., D] f32. To be used inside an island. */
export function rmsNorm(x: Value, weight: Value, epsilon: number): Value {
  const size = x.shape.at(-1)!;
  const inverse = reciprocalSquareRoot(add(multiply(rowSum(square(x)), 1 / size), epsilon));
  const normed = multiply(x, inverse);
  // x twice, for its two ways to y: what flows to it from elsewhere is added to them one by one.
  return differentiatedAs(multiply(weight, normed), [x, x, weight], ([dy], _, wanted) => {
    const g = multiply(dy!, weight);
    return [
      wanted[0] ? multiply(g, inverse) : null,
      wanted[1] ? throughInverse(x, g, inverse) : null,
      wanted[2] ? sumToShape(weightGradient(x, dy!, inverse, normed), weight.shape) : null,
    ];
  });
}

/** - r^3 mean(g x) x */
function throughInverse(x: Value, g: Value, inverse: Value): Value {
  const minusMean = multiply(rowSum(multiply(g, x)), -1 / x.shape.at(-1)!);
  return multiply(multiply(multiply(inverse, square(inverse)), minusMean), x);
}

/** The two orders differ in rounding alone: they are those in which the committed studies were trained. */
function weightGradient(x: Value, dy: Value, inverse: Value, normed: Value): Value {
  const isHeads = x.shape.length > 2;
  return isHeads ? multiply(multiply(dy, inverse), x) : multiply(dy, normed);
}
