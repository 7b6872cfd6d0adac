/**
 * The entry that ends a window: `apply` updates everything trained by AdamW and then releases the
 * gradients.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import { callFunction } from '../graph/library.ts';
import { releaseVariable } from '../graph/ops/variable.ts';
import type { Program } from '../graph/program.ts';
import type { Node } from '../graph/scope.ts';
import { trainedParameters, type ModelVariables } from '../model/variables.ts';
import { defineAdamW, isDecayed, updatePlaceholders } from '../optim/adamw.ts';

export function addOptimizerEntry(
  program: Program,
  optimizer: OptimizerConfig,
  models: readonly ModelVariables[],
): void {
  const scalars = updatePlaceholders(program);
  const updates: Node[] = [];
  for (const model of models) {
    for (const { name, variable, training } of trainedParameters(model)) {
      const { gradient, firstMoment, secondMoment } = training;
      const specs = { parameter: variable, gradient, moment: firstMoment };
      const update = defineAdamW(program.library, specs, optimizer, isDecayed(name));
      const handles = [variable, gradient, firstMoment, secondMoment].map((v) => v.handle);
      const args = [...handles, ...Object.values(scalars)];
      const updated = callFunction(program.main, update, args);
      updates.push(updated, releaseVariable(gradient.handle, [updated]));
    }
  }
  program.entry('apply', scalars, {}, updates);
}
