/**
 * The entries that end a window: `norms` gives the sum of squares of each gradient, per model; `apply`
 * updates everything trained by AdamW and then releases the gradients.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import { callFunction } from '../graph/library.ts';
import { concat, reshape } from '../graph/ops/shape.ts';
import { releaseVariable } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import type { Node, Value } from '../graph/scope.ts';
import { trainedParameters, type ModelVariables } from '../model/variables.ts';
import { defineAdamW, defineSumOfSquares, isDecayed, updatePlaceholders } from '../optim/adamw.ts';

export function addOptimizerEntries(
  program: Program,
  optimizer: OptimizerConfig,
  models: readonly ModelVariables[],
): void {
  const scalars = updatePlaceholders(program);
  const updates: Node[] = [];
  const norms: Record<string, Value> = {};
  for (const model of models) {
    const squares: Value[] = [];
    for (const { name, variable, training } of trainedParameters(model)) {
      const { gradient, firstMoment, secondMoment } = training!;
      const square = defineSumOfSquares(program.library, gradient);
      const call = callFunction(program.main, square, [gradient.handle]);
      squares.push(reshape(call.outputs[0]!, [1]));
      const specs = { parameter: variable, gradient, moment: firstMoment };
      const update = defineAdamW(program.library, specs, optimizer, isDecayed(name));
      const handles = [variable, gradient, firstMoment, secondMoment].map((v) => v.handle);
      const args = [...handles, ...Object.values(scalars)];
      const updated = callFunction(program.main, update, args);
      updates.push(updated, releaseVariable(gradient.handle, [updated]));
    }
    if (squares.length > 0) norms[model.prefix] = concat(squares, 0);
  }
  program.entry('norms', {}, norms);
  program.entry('apply', scalars, {}, updates);
}
