/**
 * A part of a function that keeps nothing for the backward pass but its inputs: its gradient computes
 * it again, in a function of its own, so that nothing of it is in memory between the two.
 * Parts of one `order` run one after another, forward and backward: TensorFlow would start all at once.
 */
import { gradients } from './differentiate.ts';
import { argument, callFunction, type GraphFunction } from './library.ts';
import { Scope, scopeOf, type GradientRule, type Node, type Value } from './scope.ts';

/** The last calls so far; empty at first. */
export interface CallOrder {
  forward: readonly Node[];
  backward: readonly Node[];
}

/** `body` has one output, on which every input that is differentiated has an influence. */
export function recomputed(
  label: string,
  inputs: readonly Value[],
  body: (inputs: Value[]) => Value,
  order: CallOrder,
): Value {
  const scope = scopeOf(inputs[0]!);
  const xla = scope.library.placement.functions === 'xla';
  const define = (
    name: string,
    specs: readonly Value[],
    trace: (values: Value[]) => Value[],
  ): GraphFunction => {
    const inner = new Scope('function', scope.library);
    const args = specs.map((spec) => argument(inner, spec));
    return scope.library.add(name, { inputs: args, outputs: trace(args) }, xla);
  };
  const gradient: GradientRule = ([seed], node, wanted) => {
    const given = [...node.inputs, seed!];
    const backward = define(`${label}_gradient`, given, (values) => {
      const own = values.slice(0, -1);
      const asked = own.filter((_, index) => wanted[index]);
      return gradients([body(own)], [values.at(-1)!], asked).map((found) => found!);
    });
    const call = callFunction(scopeOf(seed!), backward, given, { after: order.backward });
    order.backward = [call];
    let next = 0;
    return wanted.map((want) => (want ? call.outputs[next++]! : null));
  };
  const forward = define(label, inputs, (values) => [body(values)]);
  const call = callFunction(scope, forward, inputs, { gradient, after: order.forward });
  order.forward = [call];
  return call.outputs[0]!;
}
