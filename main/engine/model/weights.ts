/**
 * Parameters between files and a session, piece by piece: a model is never whole in JavaScript.
 * f32 and bf16 convert to one another here (bf16 -> f32 exactly, f32 -> bf16 to nearest, ties to
 * even); f16 widens to f32.
 */
import type { ModelWeights } from '../checkpoint/model-weights.ts';
import type { TensorSource } from '../checkpoint/safetensors-writer.ts';
import type { Session } from '../graph/session.ts';
import { variableBytes } from '../graph/transfer.ts';
import type { VariableSource } from '../graph/variable-stream.ts';
import { allParameters, type ModelVariables, type Parameter } from './variables.ts';

const pieceBytes = 2 * 1024 * 1024;

export interface LoadProgress {
  (doneBytes: number, totalBytes: number): void;
}

/** Loads every parameter of the model that `weights` has under its Hugging Face name. */
export function loadWeights(
  session: Session,
  model: ModelVariables,
  weights: ModelWeights,
  progress?: LoadProgress,
): void {
  const parameters = allParameters(model).filter(
    (parameter) => !isAdapter(parameter) && parameter.variable.name.startsWith(`${model.prefix}/`),
  );
  loadParameters(session, parameters, weights, progress);
}

export function loadParameters(
  session: Session,
  parameters: readonly Parameter[],
  weights: ModelWeights,
  progress: LoadProgress = () => {},
): void {
  const bytes = ({ variable }: Parameter): number => variableBytes(variable);
  const total = parameters.reduce((sum, parameter) => sum + bytes(parameter), 0);
  let done = 0;
  function* sources(): Generator<VariableSource> {
    for (const parameter of parameters) {
      const { name, dtype: target } = parameter.variable;
      const { dtype } = weights.tensors.get(parameter.name)!;
      const pieces = weights.readSlices(parameter.name, pieceBytes);
      yield { variable: name, pieces: convert(pieces, dtype, target) };
      done += bytes(parameter);
      progress(done, total);
    }
  }
  session.load(sources());
}

export function isAdapter(parameter: Parameter): boolean {
  return /\.lora_[AB]$/.test(parameter.name);
}

/** Parameters as sources for a safetensors file under their own names, each in its own type. */
export function weightSources(session: Session, parameters: readonly Parameter[]): TensorSource[] {
  return parameters.map(({ name, variable }) => ({
    name,
    dtype: variable.dtype === 'f32' ? 'F32' : 'BF16',
    shape: variable.shape,
    byteLength: variableBytes(variable),
    chunks: () => session.read(variable.name),
  }));
}

/** Pieces of whole elements in one file type -> the same in another. */
export function* convert(
  pieces: Iterable<Uint8Array>,
  from: string,
  to: 'f32' | 'bf16' | 'i32',
): Generator<Uint8Array> {
  for (const piece of pieces) {
    if ((from === 'F32' && to === 'f32') || (from === 'BF16' && to === 'bf16')) {
      yield piece;
    } else {
      const wide = from === 'F32' ? asWords(piece) : widen(piece, from);
      yield to === 'f32'
        ? new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength)
        : narrow(wide);
    }
  }
}

function asWords(piece: Uint8Array): Uint32Array {
  return new Uint32Array(piece.buffer, piece.byteOffset, piece.byteLength / 4);
}

/** bf16 or f16 -> the bits of f32. */
function widen(piece: Uint8Array, from: string): Uint32Array {
  const halves = new Uint16Array(piece.buffer, piece.byteOffset, piece.byteLength / 2);
  const wide = new Uint32Array(halves.length);
  if (from === 'BF16') {
    for (let i = 0; i < halves.length; i++) wide[i] = halves[i]! << 16;
  } else {
    const floats = new Float32Array(wide.buffer);
    for (let i = 0; i < halves.length; i++) floats[i] = halfToNumber(halves[i]!);
  }
  return wide;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The bits of f32 -> bf16, to nearest, ties to even; NaN stays NaN. */
function narrow(wide: Uint32Array): Uint8Array {
  const halves = new Uint16Array(wide.length);
  for (let i = 0; i < wide.length; i++) {
    const bits = wide[i]!;
    const isNaN = (bits & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}
