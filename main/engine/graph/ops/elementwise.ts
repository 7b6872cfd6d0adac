/**
 * Element-wise operations with NumPy broadcasting. Gradients of broadcast operands are summed back
 * to the operand's shape.
 */
import { attribute } from '../attributes.ts';
import { broadcastShape, type DType } from '../dtype.ts';
import { scopeOf, type Value } from '../scope.ts';
import { scalar } from './constant.ts';
import { sumToShape } from './shape.ts';

type Operand = Value | number;

/** A number beside a value becomes a constant of the value's type. */
function operands(a: Operand, b: Operand): [Value, Value] {
  const reference = typeof a === 'number' ? b : a;
  if (typeof reference === 'number') throw new Error('one operand must be a value');
  const lift = (x: Operand): Value =>
    typeof x === 'number' ? scalar(scopeOf(reference), numeric(reference.dtype), x) : x;
  const pair: [Value, Value] = [lift(a), lift(b)];
  if (pair[0].dtype !== pair[1].dtype) {
    throw new Error(`operands of types ${pair[0].dtype} and ${pair[1].dtype}`);
  }
  return pair;
}

function numeric(dtype: DType): 'f32' | 'bf16' | 'i32' {
  if (dtype === 'f32' || dtype === 'bf16' || dtype === 'i32') return dtype;
  throw new Error(`${dtype} is not a number type`);
}

type BinaryGradient = (dy: Value, a: Value, b: Value, y: Value) => [() => Value, () => Value];

function binary(op: string, left: Operand, right: Operand, gradient?: BinaryGradient): Value {
  const [a, b] = operands(left, right);
  return scopeOf(a).value({
    op,
    inputs: [a, b],
    attributes: { T: attribute.type(a.dtype) },
    dtype: a.dtype,
    shape: broadcastShape(a.shape, b.shape),
    ...(gradient && {
      gradient: ([dy], node, wanted) => {
        const [da, db] = gradient(dy!, a, b, node.outputs[0]!);
        return [
          wanted[0] ? sumToShape(da(), a.shape) : null,
          wanted[1] ? sumToShape(db(), b.shape) : null,
        ];
      },
    }),
  });
}

export function add(a: Operand, b: Operand): Value {
  return binary('AddV2', a, b, (dy) => [() => dy, () => dy]);
}

export function subtract(a: Operand, b: Operand): Value {
  return binary('Sub', a, b, (dy) => [() => dy, () => negate(dy)]);
}

export function multiply(a: Operand, b: Operand): Value {
  return binary('Mul', a, b, (dy, x, y) => [() => multiply(dy, y), () => multiply(dy, x)]);
}

export function divide(a: Operand, b: Operand): Value {
  return binary('RealDiv', a, b, (dy, _, divisor, quotient) => [
    () => divide(dy, divisor),
    () => negate(divide(multiply(dy, quotient), divisor)),
  ]);
}

/** i32 */
export function bitwiseAnd(a: Operand, b: Operand): Value {
  return binary('BitwiseAnd', a, b);
}

/** i32 */
export function bitwiseXor(a: Operand, b: Operand): Value {
  return binary('BitwiseXor', a, b);
}

/** i32; fills up with the sign. */
export function shiftRight(a: Operand, b: Operand): Value {
  return binary('RightShift', a, b);
}

export function maximum(a: Operand, b: Operand): Value {
  return binary('Maximum', a, b);
}

function unary(op: string, x: Value, gradient?: (dy: Value, y: Value) => Value): Value {
  return scopeOf(x).value({
    op,
    inputs: [x],
    attributes: { T: attribute.type(x.dtype) },
    dtype: x.dtype,
    shape: x.shape,
    ...(gradient && { gradient: ([dy], node) => [gradient(dy!, node.outputs[0]!)] }),
  });
}

export function negate(x: Value): Value {
  return unary('Neg', x, (dy) => negate(dy));
}

export function exp(x: Value): Value {
  return unary('Exp', x, (dy, y) => multiply(dy, y));
}

export function log(x: Value): Value {
  return unary('Log', x, (dy) => divide(dy, x));
}

export function square(x: Value): Value {
  return unary('Square', x, (dy) => multiply(dy, multiply(x, 2)));
}

export function squareRoot(x: Value): Value {
  return unary('Sqrt', x, (dy, y) => divide(multiply(dy, 0.5), y));
}

/** 1 / sqrt(x); d = -y^3 / 2. */
export function reciprocalSquareRoot(x: Value): Value {
  return unary('Rsqrt', x, (dy, y) => multiply(dy, multiply(multiply(y, square(y)), -0.5)));
}

export function sigmoid(x: Value): Value {
  return unary('Sigmoid', x, (dy, y) => multiply(dy, multiply(y, subtract(1, y))));
}

export function cosine(x: Value): Value {
  return unary('Cos', x, (dy) => negate(multiply(dy, sine(x))));
}

export function sine(x: Value): Value {
  return unary('Sin', x, (dy) => multiply(dy, cosine(x)));
}

/** bf16 rounds to nearest, ties to even. Integers and booleans carry no gradient. */
export function cast(x: Value, dtype: 'f32' | 'bf16' | 'i32'): Value {
  if (x.dtype === dtype) return x;
  const differentiable = (x.dtype === 'f32' || x.dtype === 'bf16') && dtype !== 'i32';
  const from = x.dtype;
  return scopeOf(x).value({
    op: 'Cast',
    inputs: [x],
    attributes: {
      SrcT: attribute.type(from),
      DstT: attribute.type(dtype),
      Truncate: attribute.boolean(false),
    },
    dtype,
    shape: x.shape,
    cheap: true,
    ...(differentiable && { gradient: ([dy]) => [cast(dy!, from as 'f32' | 'bf16')] }),
  });
}

function comparison(op: string, left: Operand, right: Operand): Value {
  const [a, b] = operands(left, right);
  return scopeOf(a).value({
    op,
    inputs: [a, b],
    attributes: {
      T: attribute.type(a.dtype),
      ...(op === 'Equal' && { incompatible_shape_error: attribute.boolean(true) }),
    },
    dtype: 'bool',
    shape: broadcastShape(a.shape, b.shape),
  });
}

export function equal(a: Operand, b: Operand): Value {
  return comparison('Equal', a, b);
}

export function lessOrEqual(a: Operand, b: Operand): Value {
  return comparison('LessEqual', a, b);
}

export function greaterOrEqual(a: Operand, b: Operand): Value {
  return comparison('GreaterEqual', a, b);
}

export function and(a: Value, b: Value): Value {
  const shape = broadcastShape(a.shape, b.shape);
  return scopeOf(a).value({ op: 'LogicalAnd', inputs: [a, b], dtype: 'bool', shape });
}

/** `condition ? a : b` element by element. */
export function select(condition: Value, left: Operand, right: Operand): Value {
  const [a, b] = operands(left, right);
  const shape = broadcastShape(condition.shape, broadcastShape(a.shape, b.shape));
  return scopeOf(a).value({
    op: 'SelectV2',
    inputs: [condition, a, b],
    attributes: { T: attribute.type(a.dtype) },
    dtype: a.dtype,
    shape,
    gradient: ([dy], _, wanted) => [
      null,
      wanted[1] ? sumToShape(select(condition, dy!, 0), a.shape) : null,
      wanted[2] ? sumToShape(select(condition, 0, dy!), b.shape) : null,
    ],
  });
}
