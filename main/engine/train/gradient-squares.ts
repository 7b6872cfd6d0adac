/**
 * The sum of squares of each gradient of a model, in the order of its trained parameters: one call for
 * each layer, after the whole backward pass (beside it, the layers below wait longer than is won). Every
 * micro-batch of a window makes them; the last one's are the window's.
 */
import { callFunction } from '../graph/library.ts';
import { concat } from '../graph/ops/shape.ts';
import type { Program } from '../graph/program.ts';
import type { Node, Value } from '../graph/scope.ts';
import { trainedGroups, type ModelVariables } from '../model/variables.ts';
import { defineSumsOfSquares } from '../optim/sums-of-squares.ts';

/** The sums of the model of this prefix among the outputs of the entries that make gradients. */
export function squaresName(prefix: string): string {
  return `${prefix}/squares`;
}

/** [trained parameters] f32. `after`: all gradients are written. */
export function gradientSquares(
  program: Program,
  model: ModelVariables,
  after: readonly Node[],
): Value {
  const sums = trainedGroups(model).map((group) => {
    const gradients = group.map(({ training }) => training.gradient);
    const callee = defineSumsOfSquares(program.library, gradients);
    const handles = gradients.map(({ handle }) => handle);
    return callFunction(program.main, callee, handles, { after }).outputs[0]!;
  });
  return concat(sums, 0);
}
