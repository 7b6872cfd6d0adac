/**
 * The header of a safetensors file: 8 bytes little-endian length, that many bytes of JSON
 * `{"name": {"dtype", "shape", "data_offsets": [begin, end]}, "__metadata__": {...}}`, then the data.
 * Files come from strangers, so the JSON is scanned token by token: JSON.parse would keep the last of
 * two equal keys, round large integers, take 1.0 for 1 and let `__proto__` touch a prototype.
 * Refuses all that the reference implementation refuses and, stricter, duplicate or empty names,
 * control characters in names, unknown fields, over 200,000 tensors, headers over 16 MiB.
 * No recursion and no allocation from a number in the file before it was compared with the file.
 */
import { StudioError } from '../../contract/errors.ts';

/** Bits per element of every dtype of the format. */
const DTYPE_BITS = new Map<string, number>([
  ['BOOL', 8],
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['I32', 32],
  ['U32', 32],
  ['F32', 32],
  ['C64', 64],
  ['F64', 64],
  ['I64', 64],
  ['U64', 64],
]);

const MAX_HEADER_BYTES = 16 * 2 ** 20;
const MAX_TENSORS = 200_000;
const WHITESPACE = new Set([' ', '\n', '\r', '\t']);
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

export interface TensorEntry {
  dtype: string;
  shape: readonly number[];
  /** From the start of the file. */
  byteOffset: number;
  byteLength: number;
}

export interface SafetensorsHeader {
  /** In the file's order of names. */
  tensors: Map<string, TensorEntry>;
  metadata: Map<string, string>;
}

/** Bytes per element of a dtype whose elements fill whole bytes; undefined for any other. */
export function bytesPerElement(dtype: string): number | undefined {
  const bits = DTYPE_BITS.get(dtype);
  return bits !== undefined && bits % 8 === 0 ? bits / 8 : undefined;
}

/** The header's length from the file's first bytes, checked against the file's size. */
export function headerLength(start: Uint8Array, fileBytes: number, file: string): number {
  if (start.length < 8) throw corrupt(file, `it has ${start.length} bytes, too few for a header`);
  const length = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (length === 0n) throw corrupt(file, 'its header is empty');
  if (length > BigInt(fileBytes - 8)) {
    throw corrupt(file, `its header claims ${length} bytes, the file has ${fileBytes}`);
  }
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw corrupt(file, `its header has ${length} bytes, more than ${MAX_HEADER_BYTES}`);
  }
  return Number(length);
}

/**
 * @param json the header's bytes, after the 8 bytes of its length
 * @param fileBytes size of the whole file; the tensors have to cover the rest of it exactly
 * @throws weights-corrupt, naming the file, the tensor and the reason
 */
export function parseSafetensorsHeader(
  json: Uint8Array,
  fileBytes: number,
  file: string,
): SafetensorsHeader {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw corrupt(file, 'its header is not UTF-8 text');
  }
  const header = new HeaderScanner(text, file).scan();
  const dataStart = 8 + json.length;
  checkLayout(header.tensors, fileBytes - dataStart, file);
  for (const entry of header.tensors.values()) entry.byteOffset += dataStart;
  return header;
}

/** A cursor over the header's text that accepts this one grammar and nothing else. */
class HeaderScanner {
  private readonly text: string;
  private readonly file: string;
  private position = 0;

  constructor(text: string, file: string) {
    this.text = text;
    this.file = file;
  }

  scan(): SafetensorsHeader {
    const tensors = new Map<string, TensorEntry>();
    let metadata: Map<string, string> | null = null;
    this.object('the header', (key) => {
      if (key === '__metadata__') {
        if (metadata) throw this.fail('__metadata__ is there twice');
        metadata = this.metadata();
        return;
      }
      if (tensors.has(key)) throw this.fail(`tensor ${quote(key)} is there twice`);
      if (key === '') throw this.fail('a tensor has an empty name');
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      if (/[\u0000-\u001f\u007f-\u009f]/.test(key)) {
        throw this.fail(`tensor ${quote(key)} has a control character in its name`);
      }
      if (tensors.size === MAX_TENSORS) throw this.fail(`it has over ${MAX_TENSORS} tensors`);
      tensors.set(key, this.tensor(key));
    });
    this.skipWhitespace();
    if (this.position < this.text.length) throw this.fail('something follows the header’s JSON');
    return { tensors, metadata: metadata ?? new Map() };
  }

  private metadata(): Map<string, string> {
    const metadata = new Map<string, string>();
    this.object('__metadata__', (key) => {
      if (metadata.has(key)) throw this.fail(`__metadata__ has ${quote(key)} twice`);
      metadata.set(key, this.string(`__metadata__ ${quote(key)}`));
    });
    return metadata;
  }

  private tensor(name: string): TensorEntry {
    const where = `tensor ${quote(name)}`;
    let dtype: string | undefined;
    let shape: bigint[] | undefined;
    let offsets: bigint[] | undefined;
    this.object(where, (key) => {
      const field = `${key} of ${where}`;
      if (key === 'dtype' && dtype === undefined) dtype = this.string(field);
      else if (key === 'shape' && !shape) shape = this.integers(field);
      else if (key === 'data_offsets' && !offsets) offsets = this.integers(field);
      else throw this.fail(`${where} has an unknown or repeated field ${quote(key)}`);
    });
    if (dtype === undefined || !shape || !offsets) {
      throw this.fail(`${where} lacks dtype, shape or data_offsets`);
    }
    return tensorEntry(where, dtype, shape, offsets, (reason) => this.fail(reason));
  }

  /** `{ "key": value, ... }`; `value` is called with the cursor at the value and has to consume it. */
  private object(where: string, value: (key: string) => void): void {
    this.expect('{', where);
    if (this.accept('}')) return;
    do {
      const key = this.string(`a name in ${where}`);
      this.expect(':', where);
      value(key);
    } while (this.accept(','));
    this.expect('}', where);
  }

  private integers(where: string): bigint[] {
    const values: bigint[] = [];
    this.expect('[', where);
    if (this.accept(']')) return values;
    do values.push(this.integer(where));
    while (this.accept(','));
    this.expect(']', where);
    return values;
  }

  /** A whole number as JSON writes it, without sign, fraction, exponent or leading zero. */
  private integer(where: string): bigint {
    this.skipWhitespace();
    const start = this.position;
    while (isDigit(this.text[this.position])) this.position++;
    const digits = this.text.slice(start, this.position);
    const next = this.text[this.position];
    const plain =
      /^(0|[1-9]\d{0,19})$/.test(digits) && next !== '.' && next !== 'e' && next !== 'E';
    if (!plain) throw this.fail(`${where} has a value that is not a whole number`);
    return BigInt(digits);
  }

  private string(where: string): string {
    this.expect('"', where);
    let value = '';
    for (;;) {
      const start = this.position;
      while (isPlain(this.text.charCodeAt(this.position))) this.position++;
      value += this.text.slice(start, this.position);
      const end = this.text[this.position++];
      if (end === '"') break;
      if (end !== '\\') throw this.fail(`${where} is cut off or has a control character`);
      value += this.escape(where);
    }
    if (hasLoneSurrogate(value)) throw this.fail(`${where} has half a character (lone surrogate)`);
    return value;
  }

  private escape(where: string): string {
    const letter = this.text[this.position++] ?? '';
    const simple = ESCAPES.get(letter);
    if (simple !== undefined) return simple;
    const digits = this.text.slice(this.position, this.position + 4);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw this.fail(`${where} has an escape that JSON does not know`);
    }
    this.position += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  private expect(character: string, where: string): void {
    if (this.accept(character)) return;
    const found = this.text[this.position];
    const actual = found === undefined ? 'the header ends' : `${quote(found)} stands`;
    throw this.fail(`${actual} where ${where} needs ${quote(character)}`);
  }

  private accept(character: string): boolean {
    this.skipWhitespace();
    if (this.text[this.position] !== character) return false;
    this.position++;
    return true;
  }

  private skipWhitespace(): void {
    while (WHITESPACE.has(this.text[this.position] ?? '')) this.position++;
  }

  private fail(reason: string): StudioError {
    return corrupt(this.file, reason);
  }
}

/** Checks one tensor's numbers; offsets are still relative to the data. */
function tensorEntry(
  where: string,
  dtype: string,
  shape: bigint[],
  offsets: bigint[],
  fail: (reason: string) => StudioError,
): TensorEntry {
  const bits = DTYPE_BITS.get(dtype);
  if (bits === undefined) throw fail(`${where} has the unknown dtype ${quote(dtype)}`);
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin === undefined || end === undefined) {
    throw fail(`${where} has ${offsets.length} data_offsets, not 2`);
  }
  if (end < begin) throw fail(`${where} ends before it begins`);
  let totalBits = BigInt(bits);
  for (const dimension of shape) {
    totalBits *= dimension;
    if (totalBits >= 1n << 64n) throw fail(`${where} has an impossible size`);
  }
  if (totalBits % 8n !== 0n) throw fail(`${where} does not fill its last byte`);
  if (totalBits / 8n !== end - begin) {
    throw fail(`${where} takes ${end - begin} bytes, its shape and dtype need ${totalBits / 8n}`);
  }
  const numbers = [...shape, begin, end].map(Number);
  if (!numbers.every(Number.isSafeInteger)) throw fail(`${where} has an impossible size`);
  return {
    dtype,
    shape: shape.map(Number),
    byteOffset: Number(begin),
    byteLength: Number(end - begin),
  };
}

/** Every byte of the data belongs to exactly one tensor; empty tensors own none. */
function checkLayout(tensors: Map<string, TensorEntry>, dataBytes: number, file: string): void {
  const ordered = [...tensors].sort(
    ([, a], [, b]) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength,
  );
  let position = 0;
  for (const [name, { byteOffset, byteLength }] of ordered) {
    if (byteOffset < position) {
      throw corrupt(file, `tensor ${quote(name)} overlaps the one before it`);
    }
    if (byteOffset > position) {
      throw corrupt(
        file,
        `${byteOffset - position} bytes before ${quote(name)} belong to no tensor`,
      );
    }
    position += byteLength;
    if (position > dataBytes) {
      throw corrupt(file, `it is cut off: ${quote(name)} goes beyond the end of the file`);
    }
  }
  if (position < dataBytes) {
    throw corrupt(file, `${dataBytes - position} bytes at its end belong to no tensor`);
  }
}

export function corrupt(file: string, reason: string): StudioError {
  return new StudioError(
    'weights-corrupt',
    `${file} is not a valid safetensors file: ${reason}.`,
    'Download or copy the file again; if it was made by a tool, save it again with safetensors.',
  );
}

/** For messages: quoted, control characters escaped, long names cut. */
function quote(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** Not a quote, backslash or control character; NaN is the end of the text. */
function isPlain(code: number): boolean {
  return code >= 0x20 && code !== 0x22 && code !== 0x5c;
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
