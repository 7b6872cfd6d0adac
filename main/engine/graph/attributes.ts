/**
 * Node attributes in the form protobufjs takes for TensorFlow's AttrValue, one constructor for
 * each kind that the engine's operations use.
 */
import { dtypeNumber, elementCount, type DType, type Shape } from './dtype.ts';

export type Attribute = Readonly<Record<string, unknown>>;

export function shapeMessage(shape: Shape): { dim: { size: number }[] } {
  return { dim: shape.map((size) => ({ size })) };
}

export const attribute = {
  type: (dtype: DType): Attribute => ({ type: dtypeNumber(dtype) }),
  types: (dtypes: readonly DType[]): Attribute => ({ list: { type: dtypes.map(dtypeNumber) } }),
  shape: (shape: Shape): Attribute => ({ shape: shapeMessage(shape) }),
  /** A shape of unknown rank: for placeholders that take any. */
  anyShape: (): Attribute => ({ shape: { unknown_rank: true } }),
  integer: (value: number): Attribute => ({ i: value }),
  boolean: (value: boolean): Attribute => ({ b: value }),
  string: (text: string): Attribute => ({ s: Buffer.from(text) }),
  bytes: (content: Uint8Array): Attribute => ({ s: content }),
  function: (name: string): Attribute => ({ func: { name } }),
  tensor: (dtype: DType, shape: Shape, content: Float32Array | Int32Array | Uint16Array) => {
    if (content.length !== elementCount(shape)) {
      throw new Error(`a constant of shape [${shape}] cannot hold ${content.length} numbers`);
    }
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    const message = { dtype: dtypeNumber(dtype), tensor_shape: shapeMessage(shape) };
    return { tensor: { ...message, tensor_content: bytes } } as Attribute;
  },
};
