/**
 * Nodes as NodeDefs. The one subtlety of TensorFlow's format: inside a function an edge is written
 * `node:output_argument:index`, in the main graph `node:index`, so the names of the operations'
 * output arguments have to be known; they come from TensorFlow's op registry (2.21).
 */
import type { Node, Value } from './scope.ts';

const outputArgument: Record<string, string> = {
  AddV2: 'z', ArgMax: 'output', BatchMatMulV2: 'output', BatchMatMulV3: 'output', Bitcast: 'output',
  BitwiseAnd: 'z', BitwiseXor: 'z', BroadcastTo: 'output', Cast: 'y', ConcatV2: 'output',
  Const: 'output', Cos: 'y', Equal: 'z', Exp: 'y', Fill: 'output', GatherV2: 'output',
  GreaterEqual: 'z', Identity: 'output', LessEqual: 'z', Log: 'y', LogicalAnd: 'z',
  MatMul: 'product', Max: 'output', Maximum: 'z', Mul: 'z', Neg: 'y', OneHot: 'output',
  Pad: 'output', Range: 'output', ReadVariableOp: 'value', RealDiv: 'z', Reshape: 'output',
  ResourceGather: 'output', RightShift: 'z', Rsqrt: 'y', SelectV2: 'output', Sigmoid: 'y',
  Sin: 'y', Slice: 'output', Sqrt: 'y', Square: 'y', StatefulPartitionedCall: 'output',
  StatelessRandomUniform: 'output', StridedSlice: 'output', Sub: 'z', Sum: 'output',
  TopKV2: 'values', Transpose: 'y', UnsortedSegmentSum: 'output', XlaDotV2: 'output',
}; // prettier-ignore

/** How an edge from `value` is written; `renamed` replaces values that are function arguments. */
export function edgeName(value: Value, renamed?: ReadonlyMap<Value, string>): string {
  const other = renamed?.get(value);
  if (other !== undefined) return other;
  const { node, index } = value;
  if (node.op === 'Argument') return node.name;
  if (node.scope.kind === 'main') return index === 0 ? node.name : `${node.name}:${index}`;
  const argument = outputArgument[node.op];
  if (argument === undefined) throw new Error(`serialize.ts has no output name for ${node.op}`);
  return `${node.name}:${argument}:${index}`;
}

export function nodeMessage(node: Node, renamed?: ReadonlyMap<Value, string>): object {
  const control = node.control.map((other) => `^${other.name}`);
  return {
    name: node.name,
    op: node.op,
    input: [...node.inputs.map((value) => edgeName(value, renamed)), ...control],
    attr: node.attributes,
  };
}
