/**
 * An island is a chain of element-wise operations and reductions compiled by XLA into one kernel,
 * lying between the matrix products that TensorFlow's own kernels (oneDNN, cuBLAS) do better.
 * XLA's reductions have a fixed order, so islands are also what makes a run repeatable bit for bit
 * (main/docs/, determinism). Its gradient is an island too, computed from the same inputs.
 */
import { gradients } from './differentiate.ts';
import { argument, callFunction } from './library.ts';
import { Scope, scopeOf, type GradientRule, type Value } from './scope.ts';

type Body = (inputs: Value[]) => Value[];

/**
 * Runs `body` on `inputs` as one compiled function. `gradient` replaces the derived rule where the
 * outputs give a cheaper one (soft-max).
 */
export function island(
  label: string,
  inputs: readonly Value[],
  body: Body,
  gradient?: GradientRule,
): Value[] {
  const scope = scopeOf(inputs[0]!);
  const { library } = scope;
  if (library.placement.islands === 'plain' && !gradient) return body([...inputs]);
  const traced = new Scope('function', library);
  const args = inputs.map((input) => argument(traced, input));
  const results = body(args);
  const compiled = library.placement.islands === 'xla';
  const callee = library.add(label, { inputs: args, outputs: results }, compiled);
  const rule = gradient ?? derivedRule(label, body);
  return [...callFunction(scope, callee, inputs, { gradient: rule }).outputs];
}

/** Traces the body again inside the gradient's island and differentiates it there. */
function derivedRule(label: string, body: Body): GradientRule {
  return (outputGradients, node, wanted) => {
    const seeds = outputGradients.filter((seed): seed is Value => seed !== null);
    const flowing = outputGradients.map((seed) => seed !== null);
    let present: boolean[] = [];
    const found = island(`${label}_gradient`, [...node.inputs, ...seeds], (values) => {
      const inputs = values.slice(0, node.inputs.length);
      const outputs = body(inputs).filter((_, index) => flowing[index]);
      const asked = inputs.filter((_, index) => wanted[index]);
      const all = gradients(outputs, values.slice(node.inputs.length), asked);
      present = all.map((gradient) => gradient !== null);
      return all.filter((gradient): gradient is Value => gradient !== null);
    });
    let next = 0;
    let ask = 0;
    return wanted.map((want) => (want && present[ask++] ? found[next++]! : null));
  };
}
