/**
 * Functions of a program: parts of a traced scope cut out between given arguments and results.
 * A function is named after its content, so the same body traced twice (36 layers, weak and strong)
 * is one function, optimised and compiled once.
 *
 * `xla: true` has to be said on the call as well as on the function: TensorFlow ignores it on the
 * function alone.
 */
import { createHash } from 'node:crypto';
import { attribute } from './attributes.ts';
import { dtypeNumber } from './dtype.ts';
import { encodeFunction } from './saved-model-proto.ts';
import type { Node, OutputSpec, Scope, Value } from './scope.ts';
import { edgeName, nodeMessage } from './serialize.ts';

export interface GraphFunction {
  readonly name: string;
  readonly inputs: readonly OutputSpec[];
  readonly outputs: readonly OutputSpec[];
  readonly hasEffects: boolean;
  readonly xla: boolean;
  readonly message: object;
}

/** Where things run: element-wise islands and whole functions each as XLA or as plain graphs. */
export interface Placement {
  islands: 'xla' | 'plain';
  functions: 'xla' | 'plain';
  /** Eigen for the products that oneDNN does without packing (ops/matmul.ts); absent: all in oneDNN. */
  unpacked?: 'eigen' | undefined;
}

export class Library {
  readonly functions = new Map<string, GraphFunction>();
  readonly placement: Placement;

  constructor(placement: Placement) {
    this.placement = placement;
  }

  /**
   * Makes a function of the nodes between `inputs` and `outputs` (any values of one scope: what
   * computes an input is left out). `effects` are run by every call.
   */
  add(
    label: string,
    parts: { inputs: readonly Value[]; outputs: readonly Value[]; effects?: readonly Node[] },
    xla: boolean,
  ): GraphFunction {
    const effects = parts.effects ?? [];
    const renamed = new Map(parts.inputs.map((value, index) => [value, `a${index}`]));
    const nodes = nodesBetween(renamed, parts.outputs, effects);
    const spec = ({ dtype, shape }: Value): OutputSpec => ({ dtype, shape });
    const message = {
      signature: {
        name: '',
        input_arg: parts.inputs.map((value, index) => ({
          name: `a${index}`,
          type: dtypeNumber(value.dtype),
        })),
        output_arg: parts.outputs.map((value, index) => ({
          name: `r${index}`,
          type: dtypeNumber(value.dtype),
        })),
        is_stateful: nodes.some((node) => node.effect || node.op === 'ReadVariableOp'),
        control_output: effects.map((node) => node.name),
      },
      attr: {
        _noinline: attribute.boolean(true),
        ...(xla && { _XlaMustCompile: attribute.boolean(true) }),
      },
      node_def: nodes.map((node) => nodeMessage(node, renamed)),
      ret: Object.fromEntries(
        parts.outputs.map((value, index) => [`r${index}`, edgeName(value, renamed)]),
      ),
      control_ret: Object.fromEntries(effects.map((node) => [node.name, node.name])),
    };
    const shapes = parts.inputs.map((value) => value.shape.join('x')).join();
    const hash = createHash('sha256').update(encodeFunction(message)).update(shapes).digest('hex');
    const name = `${label.replace(/\W/g, '_')}_${hash.slice(0, 12)}`;
    message.signature.name = name;
    const existing = this.functions.get(name);
    if (existing) return existing;
    const created: GraphFunction = {
      name,
      inputs: parts.inputs.map(spec),
      outputs: parts.outputs.map(spec),
      hasEffects: effects.length > 0,
      xla,
      message,
    };
    this.functions.set(name, created);
    return created;
  }
}

/** What computes the outputs and effects, in the order in which it was traced, up to the inputs. */
function nodesBetween(
  inputs: ReadonlyMap<Value, string>,
  outputs: readonly Value[],
  effects: readonly Node[],
): Node[] {
  const needed = new Set<Node>();
  const open: Node[] = [...effects];
  const visit = (value: Value): void => {
    if (!inputs.has(value)) open.push(value.node);
  };
  outputs.forEach(visit);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (needed.has(node)) continue;
    if (node.op === 'Argument') throw new Error(`argument ${node.name} is not among the inputs`);
    needed.add(node);
    node.inputs.forEach(visit);
    open.push(...node.control);
  }
  const scope = outputs[0]?.node.scope ?? effects[0]?.scope;
  return scope ? scope.nodes.filter((node) => needed.has(node)) : [];
}

/** An argument of the function that is traced in `scope`. */
export function argument(scope: Scope, spec: OutputSpec): Value {
  return scope.value({ op: 'Argument', dtype: spec.dtype, shape: spec.shape, cheap: true });
}

/**
 * ConfigProto { graph_options (10) { rewrite_options (10) { disable_meta_optimizer (19): true } } }: a
 * called function is optimised by the options of its call, not by the session's (session_options.cc).
 */
const withoutGrappler = Uint8Array.of(0x52, 5, 0x52, 3, 0x98, 0x01, 1);

export function callFunction(
  scope: Scope,
  callee: GraphFunction,
  inputs: readonly Value[],
  options: { after?: readonly Node[]; gradient?: Node['gradient'] } = {},
): Node {
  callee.inputs.forEach((expected, index) => {
    const given = inputs[index];
    if (given?.dtype !== expected.dtype || String(given.shape) !== String(expected.shape)) {
      throw new Error(
        `${callee.name}, input ${index}: ${given?.dtype} [${given?.shape}] ` +
          `instead of ${expected.dtype} [${expected.shape}]`,
      );
    }
  });
  return scope.add({
    op: 'StatefulPartitionedCall',
    inputs,
    control: options.after ?? [],
    attributes: {
      Tin: attribute.types(callee.inputs.map((input) => input.dtype)),
      Tout: attribute.types(callee.outputs.map((output) => output.dtype)),
      f: attribute.function(callee.name),
      config: attribute.string(''),
      config_proto: attribute.bytes(withoutGrappler),
      executor_type: attribute.string(''),
      ...(callee.xla && { _XlaMustCompile: attribute.boolean(true) }),
    },
    outputs: callee.outputs,
    effect: callee.hasEffects,
    ...(options.gradient && { gradient: options.gradient }),
  });
}
