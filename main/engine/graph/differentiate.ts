/**
 * Reverse-mode differentiation of a traced scope, and functions split into a forward and a backward
 * half. What the backward half needs of the forward one is either saved (returned by the forward
 * call) or computed again inside the backward call: `recompute: 'all'` is gradient checkpointing,
 * and since the two halves are separate functions nothing can merge the recomputation away.
 */
import { argument, type GraphFunction, type Library } from './library.ts';
import { add, cast } from './ops/elementwise.ts';
import { writeGradient, type GradientWrite } from './ops/variable.ts';
import { Scope, type Node, type OutputSpec, type Value } from './scope.ts';

/** Gradients of sum(outputs * seeds) by the values of `wrt`; null where nothing depends on one. */
export function gradients(
  outputs: readonly Value[],
  seeds: readonly (Value | null)[],
  wrt: readonly Value[],
): (Value | null)[] {
  const scope = outputs[0]!.node.scope;
  const nodes = [...scope.nodes];
  const depends = new Set<Value>(wrt);
  for (const node of nodes) {
    if (node.differentiated.some((value) => depends.has(value)) && node.gradient) {
      for (const output of node.outputs) depends.add(output);
    }
  }
  const sums = new Map<Value, Value>();
  const accumulate = (value: Value, gradient: Value): void => {
    const sum = sums.get(value);
    sums.set(value, sum ? add(sum, gradient) : gradient);
  };
  outputs.forEach((output, index) => {
    const seed = seeds[index];
    if (seed) accumulate(output, seed);
  });
  for (const node of nodes.reverse()) {
    if (!node.gradient || !node.outputs.some((output) => sums.has(output))) continue;
    const wanted = node.differentiated.map((value) => depends.has(value));
    if (!wanted.includes(true)) continue;
    const outputGradients = node.outputs.map((output) => sums.get(output) ?? null);
    const inputGradients = node.gradient(outputGradients, node, wanted);
    node.differentiated.forEach((value, index) => {
      const gradient = inputGradients[index];
      if (gradient && wanted[index]) accumulate(value, gradient);
    });
  }
  return wrt.map((value) => sums.get(value) ?? null);
}

export interface DifferentiableBody {
  outputs: readonly Value[];
  /** Arguments whose gradients the backward call returns, in this order. */
  wanted: readonly Value[];
  /** Weights (as read) whose gradients the backward call writes to variables (resources) of `dtype`. */
  weights: readonly { read: Value; gradient: Value; dtype: 'f32' | 'bf16' }[];
}

export interface DifferentiableFunction {
  /** arguments -> outputs, for inference and frozen models. */
  forward: GraphFunction;
  /** arguments -> outputs and the saved values. */
  forwardSaving: GraphFunction;
  /**
   * arguments, saved values, gradients of the outputs -> gradients of the wanted arguments. Gradients
   * of weights are set in their variables or added to them.
   */
  backward(how: GradientWrite): GraphFunction;
}

export function defineDifferentiable(
  library: Library,
  label: string,
  specs: readonly OutputSpec[],
  body: (inputs: Value[]) => DifferentiableBody,
  options: { recompute: 'all' | 'cheap' },
): DifferentiableFunction {
  const scope = new Scope('function', library);
  const inputs = specs.map((spec) => argument(scope, spec));
  const { outputs, wanted, weights } = body(inputs);
  const forwardNodes = new Set<Node>(scope.nodes);
  const seeds = outputs.map((output) => argument(scope, output));
  const found = gradients(outputs, seeds, [...wanted, ...weights.map((weight) => weight.read)]);
  const results = wanted.map((value, index) => {
    const gradient = found[index];
    if (!gradient) throw new Error(`${label}: nothing depends on argument ${value.node.name}`);
    return gradient;
  });
  const weightGradients = weights.map((weight, index) => {
    const gradient = found[wanted.length + index];
    if (!gradient) throw new Error(`${label}: nothing depends on weight ${index}`);
    return { variable: weight.gradient, gradient: cast(gradient, weight.dtype) };
  });
  const saved =
    options.recompute === 'all'
      ? []
      : valuesToSave(
          [...results, ...weightGradients.map((weight) => weight.gradient)],
          forwardNodes,
        );
  const xla = library.placement.functions === 'xla';
  return {
    forward: library.add(`${label}_forward`, { inputs, outputs }, xla),
    forwardSaving: library.add(
      `${label}_forward_saving`,
      { inputs, outputs: [...outputs, ...saved] },
      xla,
    ),
    backward: (how) =>
      library.add(
        `${label}_backward_${how}`,
        {
          inputs: [...inputs, ...saved, ...seeds],
          outputs: results,
          effects: weightGradients.map(({ variable, gradient }) =>
            writeGradient(how, variable, gradient),
          ),
        },
        xla,
      ),
  };
}

/** The forward values that the backward nodes read, seen through what is cheap to repeat. */
function valuesToSave(results: readonly Value[], forwardNodes: Set<Node>): Value[] {
  const saved = new Set<Value>();
  const seen = new Set<Node>();
  const open: Value[] = [...results];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    const { node } = value;
    if (forwardNodes.has(node) && !node.cheap) {
      saved.add(value);
    } else if (!seen.has(node)) {
      seen.add(node);
      open.push(...node.inputs);
    }
  }
  return [...saved];
}
