/** A corpus of crafted files: each must be refused with its reason, or read as the format says. */
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import { headerLength, parseSafetensorsHeader } from './safetensors-header.ts';

/** A whole file: length, header text, data. */
function craft(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

function parse(file: Uint8Array) {
  const length = headerLength(file.subarray(0, 8), file.length, 'crafted');
  return parseSafetensorsHeader(file.subarray(8, 8 + length), file.length, 'crafted');
}

const tensor = (fields = '"dtype":"F32","shape":[2],"data_offsets":[0,8]', name = 'a') =>
  `"${name}":{${fields}}`;
const f32 = (shape: string, begin: bigint | number, end: bigint | number) =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;
const two = (a: string, b: string) => `{"a":${a},"b":${b}}`;

const REFUSED: [string, Uint8Array, string][] = [
  ['empty file', new Uint8Array(0), 'it has 0 bytes'],
  ['seven bytes', new Uint8Array(7), 'it has 7 bytes'],
  ['header length 0', craft('', 8), 'its header is empty'],
  ['header length beyond the file', craft('{}', 0, 3n), 'claims 3 bytes, the file has 10'],
  ['header length 2^63', craft('{}', 0, 1n << 63n), 'claims 9223372036854775808 bytes'],
  ['header length 2^64 - 1', craft('{}', 0, (1n << 64n) - 1n), 'claims 18446744073709551615'],
  ['header above 16 MiB', craft(`{}${' '.repeat(2 ** 24)}`), 'more than 16777216'],
  ['invalid UTF-8', craft(Uint8Array.of(0x7b, 0xff, 0x7d)), 'not UTF-8'],
  ['UTF-8 surrogate', craft(Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22)), 'not UTF-8'],
  ['byte order mark', craft('\ufeff{}'), 'stands where the header needs "{"'],
  ['NUL after the JSON', craft('{}\0'), 'something follows'],
  ['a second object', craft('{}{}'), 'something follows'],
  ['not JSON', craft('hello'), '"h" stands where'],
  ['nothing but space', craft('        '), 'the header ends where'],
  ['an array', craft('[]'), '"[" stands where'],
  ['null', craft('null'), '"n" stands where'],
  ['a number', craft('1'), '"1" stands where'],
  ['cut off', craft(`{${tensor()}`), 'the header ends where the header needs "}"'],
  ['cut off inside a string', craft('{"a'), 'cut off'],
  ['trailing comma', craft(`{${tensor()},}`, 8), 'a name in the header needs'],
  ['single quotes', craft("{'a':1}"), 'a name in the header needs'],
  ['comment', craft('{/**/}'), 'a name in the header needs'],
  ['form feed as space', craft('{\f}'), 'a name in the header needs'],
  ['no-break space', craft('{\u00a0}'), 'a name in the header needs'],
  ['depth bomb', craft('['.repeat(1_000_000)), '"[" stands where'],
  ['depth bomb of objects', craft('{"a":'.repeat(1_000_000)), 'unknown or repeated field "a"'],
  ['depth bomb in a shape', craft(`{"a":{"shape":${'['.repeat(1_000_000)}`), 'not a whole number'],
  ['lone surrogate in a name', craft(String.raw`{"\ud800":{}}`), 'lone surrogate'],
  ['surrogates in the wrong order', craft(String.raw`{"\udc00\ud800":{}}`), 'lone surrogate'],
  ['unknown escape', craft(String.raw`{"\x41":{}}`), 'an escape that JSON does not know'],
  ['short escape', craft(String.raw`{"\u00":{}}`), 'an escape that JSON does not know'],
  ['raw control character', craft('{"a\nb":{}}'), 'control character'],
  ['escaped control character', craft(`{${tensor(undefined, '\\u0000')}}`, 8), 'control character'],
  ['C1 control character', craft(`{${tensor(undefined, '\\u009b')}}`, 8), 'control character'],
  ['empty name', craft(`{${tensor(undefined, '')}}`, 8), 'empty name'],
  ['a tensor that is null', craft('{"a":null}'), 'tensor "a" needs "{"'],
  ['a tensor that is a list', craft('{"a":[]}'), 'tensor "a" needs "{"'],
  ['no fields', craft('{"a":{}}'), 'lacks dtype, shape or data_offsets'],
  ['no dtype', craft('{"a":{"shape":[],"data_offsets":[0,4]}}', 4), 'lacks'],
  ['no shape', craft('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4), 'lacks'],
  ['no offsets', craft('{"a":{"dtype":"F32","shape":[]}}', 4), 'lacks'],
  ['dtype null', craft(`{${tensor('"dtype":null')}}`), 'dtype of tensor "a" needs'],
  ['shape null', craft(`{${tensor('"shape":null')}}`), 'shape of tensor "a" needs'],
  ['dtype twice', craft(`{${tensor('"dtype":"F32","dtype":"F32"')}}`), 'repeated field "dtype"'],
  ['shape twice', craft(`{${tensor('"shape":[],"shape":[]')}}`), 'repeated field "shape"'],
  ['unknown field', craft(`{${tensor('"extra":1')}}`), 'unknown or repeated field "extra"'],
  ['field __proto__', craft(`{${tensor('"__proto__":{}')}}`), 'repeated field "__proto__"'],
  ['unknown dtype', craft(`{"a":${f32('[1]', 0, 4).replace('F32', 'F33')}}`, 4), 'dtype "F33"'],
  ['lower-case dtype', craft(`{"a":${f32('[1]', 0, 4).replace('F32', 'f32')}}`, 4), 'dtype "f32"'],
  ['dtype of Object.prototype', craft(tensorOf('toString')), 'dtype "toString"'],
  ['shape 1.0', craft(`{"a":${f32('[1.0]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape 1e0', craft(`{"a":${f32('[1e0]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape -1', craft(`{"a":${f32('[-1]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape -0', craft(`{"a":${f32('[-0]', 0, 0)}}`), 'not a whole number'],
  ['shape 01', craft(`{"a":${f32('[01]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape "1"', craft(`{"a":${f32('["1"]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape true', craft(`{"a":${f32('[true]', 0, 4)}}`, 4), 'not a whole number'],
  ['shape of 10 MB digits', craft(`{"a":${f32(`[${'9'.repeat(1e7)}]`, 0, 4)}}`), 'whole number'],
  ['shape with a hole', craft(`{"a":${f32('[1,,1]', 0, 4)}}`, 4), 'not a whole number'],
  ['no offsets at all', craft('{"a":{"dtype":"U8","shape":[0],"data_offsets":[]}}'), '0 data_off'],
  ['one offset', craft('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0]}}'), '1 data_offsets'],
  ['3 offsets', craft('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0,0]}}'), '3 data_offsets'],
  ['end before begin', craft(`{"a":${f32('[1]', 4, 0)}}`, 4), 'ends before it begins'],
  ['range too small', craft(`{"a":${f32('[2]', 0, 4)}}`, 4), 'takes 4 bytes, its shape'],
  ['range too large', craft(`{"a":${f32('[1]', 0, 8)}}`, 8), 'takes 8 bytes, its shape'],
  ['product overflow', craft(`{"a":${f32('[4294967296,4294967296]', 0, 0)}}`), 'impossible size'],
  ['overflow to 0 bits', craft(`{"a":${f32('[9223372036854775808]', 0, 0)}}`), 'impossible size'],
  ['beyond 2^53', craft(`{"a":${f32('[9007199254740993,0]', 0, 0)}}`), 'impossible size'],
  ['end 2^64 - 1', craft(`{"a":${f32('[1]', 0, (1n << 64n) - 1n)}}`, 4), 'takes 18446744073709551'],
  ['half a byte', craft(`{"a":${f32('[3]', 0, 1).replace('F32', 'F4')}}`, 1), 'fill its last byte'],
  ['six bits', craft(`{"a":${f32('[1]', 0, 0).replace('F32', 'F6_E2M3')}}`), 'fill its last byte'],
  ['overlap', craft(two(f32('[2]', 0, 8), f32('[2]', 4, 12)), 12), 'overlaps'],
  ['same range twice', craft(two(f32('[1]', 0, 4), f32('[1]', 0, 4)), 4), 'overlaps'],
  ['one inside the other', craft(two(f32('[4]', 0, 16), f32('[1]', 4, 8)), 16), 'overlaps'],
  ['hole at the start', craft(`{"a":${f32('[1]', 4, 8)}}`, 8), '4 bytes before "a"'],
  ['hole in the middle', craft(two(f32('[1]', 0, 4), f32('[1]', 8, 12)), 12), '4 bytes before "b"'],
  ['trailing bytes', craft(`{"a":${f32('[1]', 0, 4)}}`, 5), '1 bytes at its end'],
  ['data without tensors', craft('{}', 8), '8 bytes at its end'],
  ['truncated data', craft(`{"a":${f32('[2]', 0, 8)}}`, 7), '"a" goes beyond the end'],
  ['no data', craft(`{"a":${f32('[2]', 0, 8)}}`), '"a" goes beyond the end'],
  ['empty tensor inside another', craft(two(f32('[2]', 0, 8), f32('[0]', 4, 4)), 8), 'overlaps'],
  [
    'empty tensor beyond the end',
    craft(two(f32('[1]', 0, 4), f32('[0]', 8, 8)), 4),
    'belong to no',
  ],
  ['tensor twice', craft(`{${tensor()},${tensor()}}`, 8), 'tensor "a" is there twice'],
  ['tensor twice by escape', craft(`{${tensor()},${tensor(undefined, '\\u0061')}}`, 8), 'twice'],
  ['metadata twice', craft('{"__metadata__":{},"__metadata__":{}}'), '__metadata__ is there twice'],
  ['metadata null', craft('{"__metadata__":null}'), '__metadata__ needs "{"'],
  ['metadata with a number', craft('{"__metadata__":{"a":1}}'), 'needs "\\""'],
  ['metadata with an object', craft('{"__metadata__":{"a":{}}}'), 'needs "\\""'],
  ['metadata with null', craft('{"__metadata__":{"a":null}}'), 'needs "\\""'],
  ['metadata key twice', craft('{"__metadata__":{"a":"1","a":"2"}}'), 'has "a" twice'],
  ['200,001 tensors', craft(manyEmptyTensors(200_001)), 'over 200000 tensors'],
];

function tensorOf(dtype: string): string {
  return `{"a":{"dtype":"${dtype}","shape":[0],"data_offsets":[0,0]}}`;
}

function manyEmptyTensors(count: number): string {
  const entries = Array.from(
    { length: count },
    (_, index) => `"${index}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
  );
  return `{${entries.join()}}`;
}

describe('safetensors header', () => {
  it.each(REFUSED)('refuses: %s', (_, file, reason) => {
    let error: unknown;
    try {
      parse(file);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StudioError);
    expect((error as StudioError).code).toBe('weights-corrupt');
    expect((error as StudioError).message).toContain('crafted');
    expect((error as StudioError).message).toContain(reason);
    expect((error as StudioError).message.length).toBeLessThan(600);
  });

  it('reads tensors, metadata and offsets from the start of the file', () => {
    const text = `{"__metadata__":{"format":"pt","":"\\u00e9\\ud83d\\ude00"},"b":${f32('[1,2]', 4, 12)},"a":${f32('[]', 0, 4)}}`;
    const { tensors, metadata } = parse(craft(text, 12));
    const start = 8 + new TextEncoder().encode(text).length;
    expect([...metadata]).toEqual([
      ['format', 'pt'],
      ['', 'é😀'],
    ]);
    expect([...tensors]).toEqual([
      ['b', { dtype: 'F32', shape: [1, 2], byteOffset: start + 4, byteLength: 8 }],
      ['a', { dtype: 'F32', shape: [], byteOffset: start, byteLength: 4 }],
    ]);
  });

  it.each([
    ['no tensors', craft('{}'), 0],
    [
      'space around the JSON',
      craft(' \n\t\r{ "a" : \n{"dtype":"U8","shape":[ ],"data_offsets":[ 0 , 1 ] } } \t', 1),
      1,
    ],
    ['an odd header length', craft(`{"a":${f32('[1]', 0, 4)}}  `.slice(0, -1), 4), 1],
    ['an empty tensor', craft(`{"a":${f32('[0]', 0, 0)}}`), 1],
    [
      'empty tensors at a shared offset',
      craft(`{"a":${f32('[1]', 0, 4)},"b":${f32('[0,7]', 0, 0)},"c":${f32('[0]', 4, 4)}}`, 4),
      3,
    ],
    ['an empty tensor with large dimensions', craft(`{"a":${f32('[1099511627776,0]', 0, 0)}}`), 1],
    ['a pair of half bytes', craft(`{"a":${f32('[2]', 0, 1).replace('F32', 'F4')}}`, 1), 1],
    [
      'fields in another order',
      craft('{"a":{"data_offsets":[0,2],"shape":[1],"dtype":"BF16"}}', 2),
      1,
    ],
    ['escaped slash and quote in a name', craft(`{${tensor(undefined, String.raw`\/\"`)}}`, 8), 1],
    ['200,000 tensors', craft(manyEmptyTensors(200_000)), 200_000],
  ] as [string, Uint8Array, number][])('accepts: %s', (_, file, count) => {
    expect(parse(file).tensors.size).toBe(count);
  });

  it('takes names of Object.prototype for what they are', () => {
    const text = `{"__proto__":${f32('[1]', 0, 4)},"constructor":${f32('[1]', 4, 8)},"__metadata__":{"__proto__":"x"}}`;
    const { tensors, metadata } = parse(craft(text, 8));
    expect([...tensors.keys()]).toEqual(['__proto__', 'constructor']);
    expect(metadata.get('__proto__')).toBe('x');
    expect(({} as { dtype?: string }).dtype).toBeUndefined();
  });

  it('survives 20,000 mutations: a typed refusal or a consistent result', () => {
    const original = craft(
      `{"__metadata__":{"format":"pt"},"layer.weight":${f32('[2,3]', 0, 24)},"b":${f32('[0]', 24, 24)},"c":${f32('[1]', 24, 28)}}`,
      28,
    );
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const mutant = original.slice();
      for (let edits = 1 + random(3); edits > 0; edits--) mutant[random(150)] = random(256);
      try {
        let covered = 0;
        for (const entry of parse(mutant).tensors.values()) covered += entry.byteLength;
        expect(covered).toBe(28);
        accepted++;
      } catch (error) {
        if (!(error instanceof StudioError) || error.code !== 'weights-corrupt') throw error;
      }
    }
    expect(accepted).toBeGreaterThan(100);
    expect(accepted).toBeLessThan(19_000);
  });
});
