/**
 * Resource variables: tensors that live in the session between calls. Inside a function a variable
 * is a resource argument. Writes are effects: they run although nothing reads them, and they are
 * ordered by control edges only, so `after` names what has to have happened before.
 * A read is a reference as long as the variable was never gathered from or scattered into in place:
 * those put it into copy-on-read mode for good.
 */
import { attribute } from '../attributes.ts';
import type { DType, Shape } from '../dtype.ts';
import { scopeOf, type Node, type Value } from '../scope.ts';

export interface ResourceSpec {
  dtype: 'f32' | 'bf16' | 'i32';
  shape: Shape;
}

export function readVariable(
  resource: Value,
  { dtype, shape }: { dtype: DType; shape: Shape },
  after: readonly Node[] = [],
): Value {
  return scopeOf(resource).value({
    op: 'ReadVariableOp',
    inputs: [resource],
    control: after,
    attributes: { dtype: attribute.type(dtype) },
    dtype,
    shape,
    cheap: true,
  });
}

function write(op: string, resource: Value, value: Value, after: readonly Node[]): Node {
  const assigns = op === 'AssignVariableOp';
  return scopeOf(resource).add({
    op,
    inputs: [resource, value],
    control: after,
    attributes: {
      dtype: attribute.type(value.dtype),
      ...(assigns && { validate_shape: attribute.boolean(false) }),
    },
    outputs: [],
    effect: true,
  });
}

export function assignVariable(resource: Value, value: Value, after: readonly Node[] = []): Node {
  return write('AssignVariableOp', resource, value, after);
}

export function addToVariable(resource: Value, value: Value, after: readonly Node[] = []): Node {
  return write('AssignAddVariableOp', resource, value, after);
}

/** variable[rows[i]] += updates[i]; rows must not repeat, or the order of the sums is undefined. */
export function scatterAddToVariable(
  resource: Value,
  rows: Value,
  updates: Value,
  after: readonly Node[] = [],
): Node {
  return scopeOf(resource).add({
    op: 'ResourceScatterAdd',
    inputs: [resource, rows, updates],
    control: after,
    attributes: { dtype: attribute.type(updates.dtype), Tindices: attribute.type('i32') },
    outputs: [],
    effect: true,
  });
}
