/**
 * Sums of squares of gradient variables, for the norm by which gradients are clipped. The host adds the
 * sums up in double precision.
 */
import { island } from '../graph/island.ts';
import { argument, type GraphFunction, type Library } from '../graph/library.ts';
import { cast, square } from '../graph/ops/elementwise.ts';
import { concat, reshape, sum } from '../graph/ops/shape.ts';
import { readVariable, type ResourceSpec } from '../graph/ops/variable.ts';
import { Scope, type Value } from '../graph/scope.ts';

/** n gradient variables -> [n] f32 */
export function defineSumsOfSquares(
  library: Library,
  gradients: readonly ResourceSpec[],
): GraphFunction {
  const scope = new Scope('function', library);
  const inputs = gradients.map(() => argument(scope, { dtype: 'resource', shape: [] }));
  const sums = gradients.map((gradient, index) =>
    sumOfSquares(readVariable(inputs[index]!, gradient)),
  );
  const parts = { inputs, outputs: [concat(sums, 0)] };
  return library.add('sums_of_squares', parts, library.placement.functions === 'xla');
}

/**
 * [1] f32. Down the columns first, which is done in vectors; a sum to one number goes one by one. Two
 * islands, because the compiler would make one sum of them again.
 */
function sumOfSquares(gradient: Value): Value {
  const squares = (numbers: Value): Value => square(cast(numbers, 'f32'));
  const [columns] = island('column_squares', [gradient], ([numbers]) => [
    gradient.shape.length === 1 ? squares(numbers!) : sum(squares(numbers!), [0]),
  ]);
  const [total] = island('total', [columns!], ([numbers]) => [
    reshape(
      sum(
        numbers!,
        numbers!.shape.map((_, axis) => axis),
      ),
      [1],
    ),
  ]);
  return total!;
}
