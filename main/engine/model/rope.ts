/**
 * Rotary position embedding in the "rotate half" form that Qwen3 uses: the head's two halves are the
 * two coordinates of D/2 planes, plane i turned by position / theta^(2i/D).
 */
import type { Value } from '../graph/scope.ts';
import { scopeOf } from '../graph/scope.ts';
import { constant } from '../graph/ops/constant.ts';
import { add, cast, cosine, multiply, sine, subtract } from '../graph/ops/elementwise.ts';
import { concat, reshape, sliceAxis } from '../graph/ops/shape.ts';
import { island } from '../graph/island.ts';

export interface RopeTables {
  /** [B, T, D/2] f32 */
  cosine: Value;
  sine: Value;
}

/** positions [B, T] i32 -> the tables that all layers share. */
export function ropeTables(positions: Value, headDim: number, theta: number): RopeTables {
  const half = headDim / 2;
  const [rows, length] = positions.shape as [number, number];
  const frequencies = Array.from({ length: half }, (_, i) => theta ** ((-2 * i) / headDim));
  const [cosines, sines] = island('rope_tables', [positions], ([p]) => {
    const turns = constant(scopeOf(p!), 'f32', [half], frequencies);
    const angle = multiply(reshape(cast(p!, 'f32'), [rows, length, 1]), turns);
    return [cosine(angle), sine(angle)];
  });
  return { cosine: cosines!, sine: sines! };
}

/** x [B, T, ..., D] with tables [B, T, D/2] -> the same shape, turned. To be used inside an island. */
export function rotate(x: Value, tables: RopeTables): Value {
  const axis = x.shape.length - 1;
  const half = x.shape[axis]! / 2;
  const [rows, length] = x.shape as [number, number];
  const between = Array.from({ length: axis - 2 }, () => 1);
  const c = reshape(tables.cosine, [rows, length, ...between, half]);
  const s = reshape(tables.sine, [rows, length, ...between, half]);
  const first = sliceAxis(x, axis, 0, half);
  const second = sliceAxis(x, axis, half, 2 * half);
  return concat(
    [
      subtract(multiply(first, c), multiply(second, s)),
      add(multiply(second, c), multiply(first, s)),
    ],
    axis,
  );
}
