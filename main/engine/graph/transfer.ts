/**
 * How variables get in and out of a session. TensorFlow prepares an executor for every distinct set
 * of feeds and fetches, which costs more than the copy for small variables, so neighbours travel
 * together; a variable larger than a group travels alone in slices of rows, so that a vocabulary
 * matrix of 778 MB never stands in JavaScript whole. bf16 crosses as pairs bitcast to i32.
 */
import { attribute } from './attributes.ts';
import { bytesPerElement, elementCount } from './dtype.ts';
import { indices } from './ops/constant.ts';
import { cast } from './ops/elementwise.ts';
import { bitcast, reshape } from './ops/shape.ts';
import { assignVariable, readVariable, releaseVariable } from './ops/variable.ts';
import type { Program, Variable } from './program.ts';
import type { Node, Value } from './scope.ts';

export const groupBytes = 48 * 1024 * 1024;

export interface TransferGroup {
  /** Names the entries `write:<id>` and `read:<id>`. */
  id: string;
  variables: readonly Variable[];
  /** Rows [begin, end) of the one variable at a time. */
  sliced: boolean;
}

export function variableBytes({ dtype, shape }: Variable): number {
  return elementCount(shape) * bytesPerElement[dtype];
}

export function addTransferEntries(program: Program): TransferGroup[] {
  const named = new Map<string, Variable[]>();
  for (const variable of program.variables.values()) {
    named.set(variable.group, [...(named.get(variable.group) ?? []), variable]);
  }
  const groups: TransferGroup[] = [];
  for (const [name, variables] of named) {
    addZeroEntry(program, name, variables);
    for (const part of partition(variables)) {
      const id = `${name}:${groups.length}`;
      const sliced = part.length === 1 && variableBytes(part[0]!) > groupBytes;
      groups.push({ id, variables: part, sliced });
      if (sliced) addSlicedEntries(program, id, part[0]!);
      else addWholeEntries(program, id, part);
    }
  }
  return groups;
}

function partition(variables: readonly Variable[]): Variable[][] {
  const parts: Variable[][] = [];
  let bytes = Infinity;
  for (const variable of variables) {
    if (bytes + variableBytes(variable) > groupBytes) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(variable);
    bytes += variableBytes(variable);
  }
  return parts;
}

function addWholeEntries(program: Program, id: string, variables: readonly Variable[]): void {
  const feeds: Record<string, Value> = {};
  const fetches: Record<string, Value> = {};
  const writes: Node[] = [];
  for (const variable of variables) {
    const { name, dtype, shape, handle } = variable;
    const value = readVariable(handle, variable);
    if (dtype === 'bf16') {
      const words = variableBytes(variable) / 4;
      const pairs = program.placeholder('i32', [words]);
      feeds[name] = pairs;
      writes.push(assignVariable(handle, reshape(bitcast(pairs, 'bf16', [words, 2]), shape)));
      fetches[name] = bitcast(reshape(value, [words, 2]), 'i32', [words]);
    } else {
      feeds[name] = program.placeholder(dtype, shape);
      writes.push(assignVariable(handle, feeds[name]));
      fetches[name] = value;
    }
  }
  program.entry(`write:${id}`, feeds, {}, writes);
  program.entry(`read:${id}`, {}, fetches);
}

/** The zero is fed: TensorFlow would keep a constant one, filled out to the variable's size, for good. */
function addZeroEntry(program: Program, id: string, variables: readonly Variable[]): void {
  const { main } = program;
  const zero = program.placeholder('f32', []);
  const typed = { f32: zero, bf16: cast(zero, 'bf16'), i32: cast(zero, 'i32') };
  const sizes = new Map<string, Value>();
  const zeros = variables.map(({ dtype, shape, handle }) => {
    const key = String(shape);
    sizes.set(key, sizes.get(key) ?? indices(main, shape));
    const attributes = { T: attribute.type(dtype), index_type: attribute.type('i32') };
    const inputs = [sizes.get(key)!, typed[dtype]];
    return assignVariable(handle, main.value({ op: 'Fill', inputs, attributes, dtype, shape }));
  });
  program.entry(`zero:${id}`, { zero }, {}, zeros);
}

/**
 * Entries with the fed bounds `begin` and `end`; the variable has to exist (be zeroed) before. Writing
 * slices puts it into copy-on-read mode for good, in which every later read would copy it (778 MB of
 * Qwen3-4B's embedding): `settle` gives the content to a new variable of the same name.
 */
function addSlicedEntries(program: Program, id: string, variable: Variable): void {
  const { dtype, shape, handle, name } = variable;
  const begin = program.placeholder('i32', []);
  const end = program.placeholder('i32', []);
  const content = program.placeholder(dtype === 'f32' ? 'f32' : 'i32', null);
  const bounds = [reshape(begin, [1]), reshape(end, [1]), indices(program.main, [1])];
  const masks = ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'];
  const attributes = {
    T: attribute.type(dtype),
    Index: attribute.type('i32'),
    ...Object.fromEntries(masks.map((mask) => [mask, attribute.integer(0)])),
  };
  const typed = dtype === 'bf16' ? bitcast(content, 'bf16', []) : content;
  const write = program.main.add({
    op: 'ResourceStridedSliceAssign',
    inputs: [handle, ...bounds, reshapeRows(typed, [-1, ...shape.slice(1)])],
    attributes,
    outputs: [],
    effect: true,
  });
  const rows = program.main.value({
    op: 'StridedSlice',
    inputs: [readVariable(handle, variable), ...bounds],
    attributes,
    dtype,
    shape: [],
  });
  const read = dtype === 'bf16' ? bitcast(reshapeRows(rows, [-1, 2]), 'i32', []) : rows;
  addZeroEntry(program, id, [variable]);
  program.entry(`write:${id}`, { begin, end, [name]: content }, {}, [write]);
  const whole = readVariable(handle, variable);
  const released = releaseVariable(handle, [whole.node]);
  program.entry(`settle:${id}`, {}, {}, [assignVariable(handle, whole, [released])]);
  program.entry(`read:${id}`, { begin, end }, { [name]: read });
}

/** A reshape of rows whose number is known when the call is made. */
function reshapeRows(value: Value, sizes: readonly number[]): Value {
  return value.node.scope.value({
    op: 'Reshape',
    inputs: [value, indices(value.node.scope, sizes)],
    attributes: { T: attribute.type(value.dtype), Tshape: attribute.type('i32') },
    dtype: value.dtype,
    shape: [],
  });
}
