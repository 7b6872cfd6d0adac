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
  const { library } = scopeOf(inputs[0]!);
  if (library.placement.islands === 'plain' && !gradient) return body([...inputs]);
  const { args, results } = trace(inputs, body);
  return call(label, inputs, args, results, gradient ?? derivedRule(label, body));
}

function trace(inputs: readonly Value[], body: Body): { args: Value[]; results: Value[] } {
  const scope = new Scope('function', scopeOf(inputs[0]!).library);
  const args = inputs.map((input) => argument(scope, input));
  return { args, results: body(args) };
}

function call(
  label: string,
  inputs: readonly Value[],
  args: readonly Value[],
  results: readonly Value[],
  gradient: GradientRule | null,
): Value[] {
  const scope = scopeOf(inputs[0]!);
  const compiled = scope.library.placement.islands === 'xla';
  const callee = scope.library.add(label, { inputs: args, outputs: results }, compiled);
  return [...callFunction(scope, callee, inputs, { gradient }).outputs];
}

/**
 * An island that takes only those inputs that its results depend on: what the gradient of a sum or
 * a transposition does not read need not be kept for the backward pass. It has no gradient itself.
 */
function gradientIsland(label: string, inputs: readonly Value[], body: Body): Value[] {
  const { library } = scopeOf(inputs[0]!);
  if (library.placement.islands === 'plain') return body([...inputs]);
  const { args, results } = trace(inputs, body);
  const read = reached(results);
  const used = <T>(list: readonly T[]): T[] => list.filter((_, index) => read.has(args[index]!));
  return call(label, used(inputs), used(args), results, null);
}

function reached(results: readonly Value[]): Set<Value> {
  const seen = new Set<Value>();
  const open = [...results];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    open.push(...value.node.inputs);
  }
  return seen;
}

/** Traces the body again inside the gradient's island and differentiates it there. */
function derivedRule(label: string, body: Body): GradientRule {
  return (outputGradients, node, wanted) => {
    const seeds = outputGradients.filter((seed): seed is Value => seed !== null);
    const flowing = outputGradients.map((seed) => seed !== null);
    let present: boolean[] = [];
    const found = gradientIsland(`${label}_gradient`, [...node.inputs, ...seeds], (values) => {
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
