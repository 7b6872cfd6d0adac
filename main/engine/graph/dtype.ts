/**
 * Element types of graph values, and their numbers in TensorFlow's `types.proto`.
 * tfjs tensors know neither bf16 nor resources: those live inside the graph only (see session.ts).
 */
export type DType = 'f32' | 'bf16' | 'i32' | 'bool' | 'resource';

const numbers: Record<DType, number> = { f32: 1, i32: 3, bool: 10, bf16: 14, resource: 20 };

export function dtypeNumber(dtype: DType): number {
  return numbers[dtype];
}

export const bytesPerElement = { f32: 4, bf16: 2, i32: 4 } as const;

export type Shape = readonly number[];

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** The shape that NumPy-style broadcasting gives, or an error naming both shapes. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new Error(`shapes [${a}] and [${b}] cannot be broadcast together`);
    }
    return left === 1 ? right : left;
  });
}
