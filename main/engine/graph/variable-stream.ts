/**
 * Variables as streams of bytes through the groups of transfer.ts: at most one group's content is
 * in JavaScript at a time.
 */
import type { Call, Feed, Fetched } from './call.ts';
import { groupBytes, variableBytes, type TransferGroup } from './transfer.ts';
import type { Variable } from './program.ts';

export interface VariableSource {
  variable: string;
  /** Little-endian content in the variable's type, row by row, in pieces of any size. */
  pieces: Iterable<Uint8Array>;
}

export function loadVariables(
  call: Call,
  groups: readonly TransferGroup[],
  sources: Iterable<VariableSource>,
): void {
  const groupOf = new Map(groups.flatMap((group) => group.variables.map((v) => [v.name, group])));
  let open: { group: TransferGroup; feeds: Record<string, Feed> } | null = null;
  const room = arena();
  const flush = (): void => {
    if (!open) return;
    call(`write:${open.group.id}`, open.feeds);
    room.clear();
    open = null;
  };
  for (const { variable: name, pieces } of sources) {
    const group = groupOf.get(name);
    if (!group) throw new Error(`the program has no variable '${name}'`);
    const variable = group.variables.find((candidate) => candidate.name === name)!;
    if (open && open.group !== group) flush();
    if (group.sliced) {
      loadSlices(call, group, variable, pieces);
      continue;
    }
    open ??= { group, feeds: {} };
    open.feeds[name] = gather(variable, pieces, room.take(variableBytes(variable)));
  }
  flush();
}

function loadSlices(
  call: Call,
  group: TransferGroup,
  variable: Variable,
  pieces: Iterable<Uint8Array>,
): void {
  call(`zero:${group.id}`, { zero: 0 });
  for (const { begin, end, bytes } of wholeRows(variable, pieces)) {
    call(`write:${group.id}`, { begin, end, [variable.name]: asFeed(variable, bytes) });
  }
  call(`settle:${group.id}`);
}

/**
 * One buffer for group after group: fresh ones would be garbage faster than it is collected. Content
 * starts 4 bytes past a multiple of 16, because TensorFlow takes over memory that is aligned to 64
 * bytes instead of copying it.
 */
function arena(): { take(bytes: number): Uint8Array; clear(): void } {
  let buffer = new ArrayBuffer(0);
  let used = 0;
  return {
    take(bytes) {
      const begin = Math.ceil(used / 16) * 16 + 4;
      const fits = begin + bytes <= buffer.byteLength;
      // What was taken before stays valid in the old buffer.
      if (!fits) buffer = new ArrayBuffer(Math.max(groupBytes + 2 ** 16, bytes + 4));
      const start = fits ? begin : 4;
      used = start + bytes;
      return new Uint8Array(buffer, start, bytes);
    },
    clear: () => void (used = 0),
  };
}

function gather(variable: Variable, pieces: Iterable<Uint8Array>, bytes: Uint8Array): Feed {
  let filled = 0;
  for (const piece of pieces) {
    if (filled + piece.length > bytes.length) throw wrongSize(variable, filled + piece.length);
    bytes.set(piece, filled);
    filled += piece.length;
  }
  if (filled !== bytes.length) throw wrongSize(variable, filled);
  return asFeed(variable, bytes);
}

function asFeed(variable: Variable, bytes: Uint8Array): Feed {
  const words = bytes.byteLength / 4;
  return variable.dtype === 'f32'
    ? new Float32Array(bytes.buffer, bytes.byteOffset, words)
    : new Int32Array(bytes.buffer, bytes.byteOffset, words);
}

/** Gathers pieces of any size into runs of whole rows of about a group's size. */
function* wholeRows(
  variable: Variable,
  pieces: Iterable<Uint8Array>,
): Generator<{ begin: number; end: number; bytes: Uint8Array }> {
  const rows = variable.shape[0]!;
  const rowBytes = variableBytes(variable) / rows;
  const buffer = new Uint8Array(Math.min(rows, rowsOfGroup(rowBytes)) * rowBytes);
  let filled = 0;
  let begin = 0;
  for (const piece of pieces) {
    for (let offset = 0; offset < piece.length;) {
      const count = Math.min(piece.length - offset, buffer.length - filled);
      buffer.set(piece.subarray(offset, offset + count), filled);
      filled += count;
      offset += count;
      if (filled === buffer.length) {
        const end = begin + filled / rowBytes;
        yield { begin, end, bytes: buffer };
        begin = end;
        filled = 0;
      }
    }
  }
  if (filled % rowBytes !== 0) throw wrongSize(variable, begin * rowBytes + filled);
  const end = begin + filled / rowBytes;
  if (filled > 0) yield { begin, end, bytes: buffer.subarray(0, filled) };
  if (end !== rows) throw wrongSize(variable, end * rowBytes);
}

function rowsOfGroup(rowBytes: number): number {
  return Math.max(1, Math.floor(groupBytes / rowBytes));
}

function wrongSize(variable: Variable, bytes: number): Error {
  return new Error(`'${variable.name}' has ${variableBytes(variable)} bytes, not ${bytes}`);
}

export interface VariableReader {
  read(name: string): Generator<Uint8Array>;
  /** To be called before anything may change a variable. */
  forget(): void;
}

/**
 * What a fetch brings along is kept until it is asked for, so that reading in the order of
 * declaration fetches each group once.
 */
export function variableReader(call: Call, groups: readonly TransferGroup[]): VariableReader {
  const waiting = new Map<string, Fetched>();
  function* read(name: string): Generator<Uint8Array> {
    const group = groups.find((candidate) => candidate.variables.some((v) => v.name === name));
    if (!group) throw new Error(`the program has no variable '${name}'`);
    if (group.sliced) {
      yield* readSlices(call, group);
      return;
    }
    if (!waiting.has(name)) {
      waiting.clear();
      const fetched = Object.entries(call(`read:${group.id}`));
      fetched.forEach(([other, content]) => waiting.set(other, content));
    }
    const content = waiting.get(name)!;
    waiting.delete(name);
    yield asBytes(content);
  }
  return { read, forget: () => waiting.clear() };
}

function* readSlices(call: Call, group: TransferGroup): Generator<Uint8Array> {
  const variable = group.variables[0]!;
  const rows = variable.shape[0]!;
  const step = rowsOfGroup(variableBytes(variable) / rows);
  for (let begin = 0; begin < rows; begin += step) {
    const end = Math.min(rows, begin + step);
    yield asBytes(call(`read:${group.id}`, { begin, end })[variable.name]!);
  }
}

function asBytes(fetched: Fetched): Uint8Array {
  return new Uint8Array(fetched.buffer, fetched.byteOffset, fetched.byteLength);
}
