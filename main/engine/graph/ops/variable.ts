/**
 * Resource variables: tensors that live in the session between calls. Inside a function a variable
 * is a resource argument. Writes are effects: they run although nothing reads them, and they are
 * ordered by control edges only, so `after` names what has to have happened before.
 * A read is a reference and no copy, because no variable is ever gathered from or scattered into in
 * place (ResourceGather, ResourceScatterAdd): those put it into copy-on-read mode for good. So does
 * writing slices, which transfer.ts does and makes good.
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

export type GradientWrite = 'set' | 'add';

/** How a gradient reaches its variable: the first micro-batch of a window sets it, later ones add. */
export function writeGradient(
  how: GradientWrite,
  resource: Value,
  value: Value,
  after: readonly Node[] = [],
): Node {
  return write(how === 'set' ? 'AssignVariableOp' : 'AssignAddVariableOp', resource, value, after);
}

/** Gives the variable's memory back; it has to be assigned before it is read again. */
export function releaseVariable(resource: Value, after: readonly Node[]): Node {
  return scopeOf(resource).add({
    op: 'DestroyResourceOp',
    inputs: [resource],
    control: after,
    attributes: { ignore_lookup_error: attribute.boolean(true) },
    outputs: [],
    effect: true,
  });
}
