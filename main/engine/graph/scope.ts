/**
 * A scope is one graph under construction: the main graph or the body of one function.
 * Operations add nodes to it and hand out values; a node keeps the rule for its own gradient, so
 * differentiate.ts needs no table of operations. Shapes are static, known while the graph is built.
 */
import type { DType, Shape } from './dtype.ts';
import type { Attribute } from './attributes.ts';
import type { Library } from './library.ts';

export interface Value {
  readonly node: Node;
  readonly index: number;
  readonly dtype: DType;
  readonly shape: Shape;
}

export interface OutputSpec {
  dtype: DType;
  shape: Shape;
}

/** Gradients of the outputs in (null: nothing flows), gradients of the inputs out, same order. */
export type GradientRule = (
  outputGradients: readonly (Value | null)[],
  node: Node,
  wanted: readonly boolean[],
) => (Value | null)[];

export interface Node {
  readonly scope: Scope;
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly control: readonly Node[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: readonly Value[];
  readonly gradient: GradientRule | null;
  /** Whose gradients the rule gives: its inputs, or those of a chain that ends here. */
  readonly differentiated: readonly Value[];
  /** Changes a variable, so it must run although nothing reads its output. */
  readonly effect: boolean;
  /** Cheaper to compute again in the backward pass than to keep. */
  readonly cheap: boolean;
}

export interface NodeRequest {
  op: string;
  inputs?: readonly Value[];
  control?: readonly Node[];
  attributes?: Record<string, Attribute>;
  outputs: readonly OutputSpec[];
  gradient?: GradientRule;
  effect?: boolean;
  cheap?: boolean;
  /** Main graph only: a name that feeds, fetches and variables are addressed by. */
  name?: string;
}

export class Scope {
  readonly nodes: Node[] = [];
  readonly kind: 'main' | 'function';
  /** Where the functions that this scope calls are kept. */
  readonly library: Library;
  private readonly names = new Set<string>();

  constructor(kind: 'main' | 'function', library: Library) {
    this.kind = kind;
    this.library = library;
  }

  add(request: NodeRequest): Node {
    const inputs = request.inputs ?? [];
    for (const input of inputs) {
      if (input.node.scope !== this) {
        throw new Error(`${request.op}: input '${input.node.name}' belongs to another scope`);
      }
    }
    const name = request.name ?? `${request.op}_${this.nodes.length}`;
    if (this.names.has(name)) throw new Error(`the name '${name}' is taken`);
    this.names.add(name);
    const outputs: Value[] = [];
    const node: Node = {
      scope: this,
      name,
      op: request.op,
      inputs,
      control: request.control ?? [],
      attributes: request.attributes ?? {},
      outputs,
      gradient: request.gradient ?? null,
      differentiated: inputs,
      effect: request.effect ?? false,
      cheap: request.cheap ?? false,
    };
    request.outputs.forEach((output, index) => outputs.push({ node, index, ...output }));
    this.nodes.push(node);
    return node;
  }

  /** Adds a node with one output and returns that output. */
  value(request: Omit<NodeRequest, 'outputs'> & OutputSpec): Value {
    const { dtype, shape, ...rest } = request;
    return this.add({ ...rest, outputs: [{ dtype, shape }] }).outputs[0]!;
  }
}

/**
 * Differentiates the whole chain of nodes from `of` to `value` by one rule, where that is less work or
 * rounds better than the derived one. `value` is the last node's only output.
 */
export function differentiatedAs(value: Value, of: readonly Value[], rule: GradientRule): Value {
  Object.assign(value.node, { gradient: rule, differentiated: of });
  return value;
}

/** The scope that two or more values share. */
export function scopeOf(value: Value): Scope {
  return value.node.scope;
}
