/** Operations that move elements without changing them: reshape, transpose, slice, concat, pad. */
import { attribute } from '../attributes.ts';
import { broadcastShape, elementCount, sameShape, type Shape } from '../dtype.ts';
import { scopeOf, type Value } from '../scope.ts';
import { constant, indices, scalar } from './constant.ts';

/** One size may be -1: what is left. */
export function reshape(x: Value, sizes: Shape): Value {
  const known = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const shape = sizes.map((size) => (size === -1 ? elementCount(x.shape) / known : size));
  if (elementCount(shape) !== elementCount(x.shape) || !shape.every(Number.isInteger)) {
    throw new Error(`cannot reshape [${x.shape}] to [${sizes}]`);
  }
  if (sameShape(shape, x.shape)) return x;
  const scope = scopeOf(x);
  return scope.value({
    op: 'Reshape',
    inputs: [x, indices(scope, shape)],
    attributes: { T: attribute.type(x.dtype), Tshape: attribute.type('i32') },
    dtype: x.dtype,
    shape,
    cheap: true,
    gradient: ([dy]) => [reshape(dy!, x.shape), null],
  });
}

/** Output axis i is input axis `permutation[i]`. */
export function transpose(x: Value, permutation: readonly number[]): Value {
  const scope = scopeOf(x);
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return scope.value({
    op: 'Transpose',
    inputs: [x, indices(scope, permutation)],
    attributes: { T: attribute.type(x.dtype), Tperm: attribute.type('i32') },
    dtype: x.dtype,
    shape: permutation.map((axis) => x.shape[axis]!),
    gradient: ([dy]) => [transpose(dy!, inverse), null],
  });
}

/** x[begin : begin + size] on every axis. */
export function slice(x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(size, x.shape)) return x;
  const scope = scopeOf(x);
  return scope.value({
    op: 'Slice',
    inputs: [x, indices(scope, begin), indices(scope, size)],
    attributes: { T: attribute.type(x.dtype), Index: attribute.type('i32') },
    dtype: x.dtype,
    shape: size,
    cheap: true,
    gradient: ([dy]) => {
      const after = x.shape.map((length, axis) => length - begin[axis]! - size[axis]!);
      return [pad(dy!, begin, after), null, null];
    },
  });
}

/** x[..., begin:end, ...] on one axis. */
export function sliceAxis(x: Value, axis: number, begin: number, end: number): Value {
  const starts = x.shape.map((_, other) => (other === axis ? begin : 0));
  const sizes = x.shape.map((length, other) => (other === axis ? end - begin : length));
  return slice(x, starts, sizes);
}

/** Zeros before and after on every axis. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  const scope = scopeOf(x);
  const paddings = before.flatMap((count, axis) => [count, after[axis]!]);
  return scope.value({
    op: 'Pad',
    inputs: [x, constant(scope, 'i32', [before.length, 2], paddings)],
    attributes: { T: attribute.type(x.dtype), Tpaddings: attribute.type('i32') },
    dtype: x.dtype,
    shape: x.shape.map((length, axis) => length + before[axis]! + after[axis]!),
    gradient: ([dy]) => [slice(dy!, before, x.shape), null],
  });
}

export function concat(parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (first === undefined) throw new Error('concat: no parts');
  if (parts.length === 1) return first;
  const scope = scopeOf(first);
  const length = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return scope.value({
    op: 'ConcatV2',
    inputs: [...parts, scalar(scope, 'i32', axis)],
    attributes: {
      T: attribute.type(first.dtype),
      N: attribute.integer(parts.length),
      Tidx: attribute.type('i32'),
    },
    dtype: first.dtype,
    shape: first.shape.map((size, other) => (other === axis ? length : size)),
    gradient: ([dy]) => {
      let begin = 0;
      const gradients: (Value | null)[] = parts.map((part) => {
        const end = begin + part.shape[axis]!;
        const gradient = sliceAxis(dy!, axis, begin, end);
        begin = end;
        return gradient;
      });
      return [...gradients, null];
    },
  });
}

export function broadcastTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShape(x.shape, shape), shape)) {
    throw new Error(`cannot broadcast [${x.shape}] to [${shape}]`);
  }
  const scope = scopeOf(x);
  return scope.value({
    op: 'BroadcastTo',
    inputs: [x, indices(scope, shape)],
    attributes: { T: attribute.type(x.dtype), Tidx: attribute.type('i32') },
    dtype: x.dtype,
    shape,
    cheap: true,
    gradient: ([dy]) => [sumToShape(dy!, x.shape), null],
  });
}

/** Sums over the axes along which `shape` was broadcast: the adjoint of broadcasting. */
export function sumToShape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? [axis] : [],
  );
  return reshape(sum(x, axes), shape);
}

/** Sum over axes, without keeping them. */
export function sum(x: Value, axes: readonly number[], keep = false): Value {
  if (axes.length === 0) return x;
  const scope = scopeOf(x);
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return scope.value({
    op: 'Sum',
    inputs: [x, indices(scope, axes)],
    attributes: {
      T: attribute.type(x.dtype),
      Tidx: attribute.type('i32'),
      keep_dims: attribute.boolean(keep),
    },
    dtype: x.dtype,
    shape: keep ? kept : x.shape.filter((_, axis) => !axes.includes(axis)),
    gradient: ([dy]) => [broadcastTo(reshape(dy!, kept), x.shape), null],
  });
}

/** The same bits in another type; `shape` as TensorFlow derives it, e.g. bf16 [N, 2] <-> i32 [N]. */
export function bitcast(value: Value, dtype: 'f32' | 'bf16' | 'i32', shape: Shape): Value {
  return scopeOf(value).value({
    op: 'Bitcast',
    inputs: [value],
    attributes: { T: attribute.type(value.dtype), type: attribute.type(dtype) },
    dtype,
    shape,
  });
}
