/**
 * Matrix products, plain and batched, with transposed operands read in place. On a CPU they are oneDNN's,
 * with one exception (`Placement.unpacked`): where a product has few rows or columns, oneDNN's f32 kernels
 * for AVX2 read its operands where they are instead of packing them, at half of the speed unless
 * both lie along the inner dimension. BatchMatMulV3 is the one form that TensorFlow leaves to Eigen.
 * Figures: main/docs/2026-11-28-processors-without-avx512.md.
 */
import { attribute, type Attribute } from '../attributes.ts';
import { sameShape } from '../dtype.ts';
import { scopeOf, type Value } from '../scope.ts';

/** Of 1/M + 1/N: `FORCE_NOCOPY_THRESH` for AVX2 in oneDNN's gemm driver. */
const oneDnnPacksBelow = 0.0038;

/** a [M, K] b [K, N] -> [M, N]; a flag says that the operand is stored transposed. */
export function matmul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const [m, k] = transposeA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [k2, n] = transposeB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== k2 || a.dtype !== b.dtype || a.shape.length !== 2 || b.shape.length !== 2) {
    throw new Error(`matmul of ${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}]`);
  }
  const scope = scopeOf(a);
  const type = attribute.type(a.dtype);
  const isUnpacked = a.dtype === 'f32' && !transposeB && 1 / m + 1 / n >= oneDnnPacksBelow;
  const useEigen = isUnpacked && scope.library.placement.unpacked === 'eigen';
  return scope.value({
    op: useEigen ? 'BatchMatMulV3' : 'MatMul',
    inputs: [a, b],
    attributes: useEigen
      ? { Ta: type, Tb: type, Tout: type, ...adjoints(transposeA, transposeB) }
      : {
          T: type,
          transpose_a: attribute.boolean(transposeA),
          transpose_b: attribute.boolean(transposeB),
        },
    dtype: a.dtype,
    shape: [m, n],
    gradient: ([dy], _, wanted) => [
      wanted[0]
        ? transposeA
          ? matmul(b, dy!, transposeB, true)
          : matmul(dy!, b, false, !transposeB)
        : null,
      wanted[1]
        ? transposeB
          ? matmul(dy!, a, true, transposeA)
          : matmul(a, dy!, !transposeA, false)
        : null,
    ],
  });
}

/** a [..., M, K] b [..., K, N] -> [..., M, N] with equal leading axes. */
export function batchMatmul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
  const lead = a.shape.slice(0, -2);
  const [rowsA, columnsA] = a.shape.slice(-2) as [number, number];
  const [rowsB, columnsB] = b.shape.slice(-2) as [number, number];
  const inner = [transposeA ? rowsA : columnsA, transposeB ? columnsB : rowsB];
  if (inner[0] !== inner[1] || a.dtype !== b.dtype || !sameShape(lead, b.shape.slice(0, -2))) {
    throw new Error(`batchMatmul of ${a.dtype} [${a.shape}] and ${b.dtype} [${b.shape}]`);
  }
  return scopeOf(a).value({
    op: 'BatchMatMulV2',
    inputs: [a, b],
    attributes: { T: attribute.type(a.dtype), ...adjoints(transposeA, transposeB) },
    dtype: a.dtype,
    shape: [...lead, transposeA ? columnsA : rowsA, transposeB ? rowsB : columnsB],
    gradient: ([dy], _, wanted) => [
      wanted[0]
        ? transposeA
          ? batchMatmul(b, dy!, transposeB, true)
          : batchMatmul(dy!, b, false, !transposeB)
        : null,
      wanted[1]
        ? transposeB
          ? batchMatmul(dy!, a, true, transposeA)
          : batchMatmul(a, dy!, !transposeA, false)
        : null,
    ],
  });
}

function adjoints(transposeA: boolean, transposeB: boolean): Record<string, Attribute> {
  return { adj_x: attribute.boolean(transposeA), adj_y: attribute.boolean(transposeB) };
}
