/** Writer, reader and model folders together: what is written is read back, byte for byte. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModelWeights } from './model-weights.ts';
import { openSafetensors } from './safetensors-reader.ts';
import { tensorFromArray, writeSafetensors, writeShardedModel } from './safetensors-writer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bf16 = Uint16Array.of(0x3f80, 0xbf80, 0x4049);
const f32 = Float32Array.of(0.5, -1e-20, Number.NaN, Number.POSITIVE_INFINITY, -0, 3);
const TENSORS = [
  tensorFromArray('small', 'BF16', [3], bf16),
  tensorFromArray('matrix', 'F32', [2, 3], f32),
  tensorFromArray('scalar', 'I32', [], Int32Array.of(-7)),
  tensorFromArray('none', 'F32', [0, 4], new Float32Array(0)),
  tensorFromArray('__proto__', 'U8', [1], Uint8Array.of(9)),
];

describe('safetensors files', () => {
  it('come back as they were written, aligned, with hash and size', () => {
    const path = join(folder, 'a.safetensors');
    const written = writeSafetensors(path, TENSORS, { note: 'é' });
    const content = readFileSync(path);
    expect(written.bytes).toBe(content.length);
    expect(written.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(readdirSync(folder)).toEqual(['a.safetensors']);

    const file = openSafetensors(path);
    expect([...file.metadata]).toEqual([['note', 'é']]);
    expect(file.tensors.size).toBe(TENSORS.length);
    for (const source of TENSORS) {
      const entry = file.tensors.get(source.name)!;
      expect([entry.dtype, entry.shape]).toEqual([source.dtype, source.shape]);
      expect([...file.read(source.name)]).toEqual([...source.chunks()].flatMap((c) => [...c]));
      if (source.dtype !== 'U8')
        expect(entry.byteOffset % (source.dtype === 'BF16' ? 2 : 4)).toBe(0);
    }
    const matrix = file.read('matrix');
    expect(new Float32Array(matrix.buffer)).toEqual(f32);
    expect(content.readBigUInt64LE(0) % 8n).toBe(0n);
    file.close();
  });

  it('reads slices of whole elements, also from an unaligned file', () => {
    const path = join(folder, 'odd.safetensors');
    const header = '{"a":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}'.padEnd(61);
    const data = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5).buffer);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(61n);
    writeFileSync(path, Buffer.concat([length, Buffer.from(header), data]));
    const file = openSafetensors(path);
    expect(file.tensors.get('a')!.byteOffset % 4).not.toBe(0);
    const slices = [...file.readSlices('a', 11)].map((slice) => slice.length);
    expect(slices).toEqual([8, 8, 4]);
    const values = [];
    for (const slice of file.readSlices('a', 1)) {
      values.push(new Float32Array(slice.buffer, slice.byteOffset, slice.length / 4)[0]);
    }
    expect(values).toEqual([1, 2, 3, 4, 5]);
    expect(() => file.read('b')).toThrow('has no tensor b');
    file.close();
  });

  it('streams: a chunk may be reused for the next one', () => {
    const path = join(folder, 'streamed.safetensors');
    const chunk = new Uint8Array(4);
    writeSafetensors(path, [
      {
        name: 'counts',
        dtype: 'I32',
        shape: [3],
        byteLength: 12,
        *chunks() {
          for (const value of [1, 2, 3]) {
            new Int32Array(chunk.buffer)[0] = value;
            yield chunk;
          }
        },
      },
    ]);
    const file = openSafetensors(path);
    expect([...new Int32Array(file.read('counts').buffer)]).toEqual([1, 2, 3]);
    expect([...file.metadata]).toEqual([['format', 'pt']]);
    file.close();
  });

  it('leaves nothing behind when a source contradicts itself, and keeps the earlier file', () => {
    const path = join(folder, 'a.safetensors');
    writeSafetensors(path, TENSORS);
    const before = readFileSync(path);
    const short = { ...TENSORS[1]!, chunks: () => [new Uint8Array(4)] };
    expect(() => writeSafetensors(path, [short])).toThrow('matrix gave 4 bytes instead of 24');
    expect(() => writeSafetensors(path, [{ ...TENSORS[1]!, shape: [7] }])).toThrow(
      'matrix [7] F32',
    );
    expect(() => writeSafetensors(path, [TENSORS[1]!, TENSORS[1]!])).toThrow('written twice');
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('names missing folders, folders in place of files, and files that shrink', () => {
    const path = join(folder, 'a.safetensors');
    expect(() => openSafetensors(path)).toThrow(expect.objectContaining({ code: 'file-missing' }));
    expect(() => openSafetensors(folder)).toThrow(
      expect.objectContaining({ code: 'file-unreadable' }),
    );
    expect(() => writeSafetensors(join(folder, 'no', 'a.safetensors'), TENSORS)).toThrow(
      expect.objectContaining({ code: 'file-unwritable' }),
    );
    writeSafetensors(path, TENSORS);
    const file = openSafetensors(path);
    truncateSync(path, 200);
    expect(() => file.read('__proto__')).toThrow(
      expect.objectContaining({ code: 'weights-corrupt' }),
    );
    file.close();
    expect(() => openSafetensors(path)).toThrow(
      expect.objectContaining({ code: 'weights-corrupt' }),
    );
  });
});

describe('model folders', () => {
  const contents = () => {
    const weights = openModelWeights(folder);
    const all = [...weights.tensors].map(([name, { dtype, shape, file }]) => ({
      name,
      dtype,
      shape,
      file,
      bytes: [...weights.read(name)],
      sliced: [...weights.readSlices(name, 8)].reduce((sum, slice) => sum + slice.length, 0),
    }));
    weights.close();
    return all;
  };

  it('is one file while it fits, shards with an index when it does not', () => {
    expect([...writeShardedModel(folder, TENSORS, { maxShardBytes: 1000 }).keys()]).toEqual([
      'model.safetensors',
    ]);
    const single = contents();
    rmSync(join(folder, 'model.safetensors'));
    const written = writeShardedModel(folder, TENSORS, { maxShardBytes: 10 });
    expect([...written.keys()]).toEqual([
      'model-00001-of-00003.safetensors',
      'model-00002-of-00003.safetensors',
      'model-00003-of-00003.safetensors',
      'model.safetensors.index.json',
    ]);
    expect(readdirSync(folder).sort()).toEqual([...written.keys()]);
    const withoutFile = (list: typeof single) =>
      list.map((entry) => ({ ...entry, file: '' })).sort((a, b) => (a.name < b.name ? -1 : 1));
    expect(withoutFile(contents())).toEqual(withoutFile(single));
    const sizes = single.map((entry) => entry.sliced);
    expect(sizes.reduce((a, b) => a + b)).toBe(
      JSON.parse(readFileSync(join(folder, 'model.safetensors.index.json'), 'utf8')).metadata
        .total_size,
    );
  });

  const rewriteIndex = (change: (map: Record<string, unknown>) => unknown) => {
    const path = join(folder, 'model.safetensors.index.json');
    const index = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ weight_map: change(index.weight_map) }));
  };

  it.each([
    ['../a.safetensors', 'no plain file name'],
    ['/etc/passwd', 'no plain file name'],
    ['sub/a.safetensors', 'no plain file name'],
    ['sub\\a.safetensors', 'no plain file name'],
    ['C:a.safetensors', 'no plain file name'],
    ['a.safetensors\0', 'no plain file name'],
    ['.safetensors', 'no plain file name'],
    ['..', 'no plain file name'],
    ['', 'no plain file name'],
    ['model.bin', 'no plain file name'],
    [7, 'names no file for small'],
    [null, 'names no file for small'],
  ])('refuses an index that names %j', (file, reason) => {
    writeShardedModel(folder, TENSORS, { maxShardBytes: 10 });
    rewriteIndex((map) => ({ ...map, small: file }));
    expect(() => openModelWeights(folder)).toThrow(
      expect.objectContaining({ code: 'model-invalid', message: expect.stringContaining(reason) }),
    );
  });

  it('refuses an index that disagrees with its shards', () => {
    writeShardedModel(folder, TENSORS, { maxShardBytes: 10 });
    const index = readFileSync(join(folder, 'model.safetensors.index.json'));
    const refused = (change: (map: Record<string, unknown>) => unknown) => {
      rewriteIndex(change);
      let message = 'accepted';
      try {
        openModelWeights(folder).close();
      } catch (error) {
        message = (error as Error).message;
      }
      writeFileSync(join(folder, 'model.safetensors.index.json'), index);
      return message;
    };
    const second = 'model-00002-of-00003.safetensors';
    expect(refused((map) => ({ ...map, none: second }))).toContain('but it is in model-00003');
    expect(refused((map) => ({ ...map, other: second }))).toContain('but it is in none');
    const without = (map: Record<string, unknown>) => (delete map['scalar'], map);
    expect(refused(without)).toContain('holds scalar, unknown to');
    expect(refused((map) => ({ ...map, x: 'model-4.safetensors' }))).toContain('does not exist');
    expect(refused(() => ({}))).toContain('lists no tensors');
    expect(refused(() => ['a'])).toContain('has no weight_map');

    copyFileSync(join(folder, second), join(folder, 'copy.safetensors'));
    expect(refused((map) => ({ ...map, x: 'copy.safetensors' }))).toContain('is in both');
  });

  it('follows links inside the folder and the download cache, and none that lead elsewhere', () => {
    const snapshot = join(folder, 'snapshots', 'abc');
    mkdirSync(snapshot, { recursive: true });
    mkdirSync(join(folder, 'blobs'));
    writeShardedModel(snapshot, TENSORS, { maxShardBytes: 10 });
    const shard = join(snapshot, 'model-00001-of-00003.safetensors');
    renameSync(shard, join(folder, 'blobs', '0123'));
    symlinkSync('../../blobs/0123', shard);
    openModelWeights(snapshot).close();

    rmSync(shard);
    renameSync(join(folder, 'blobs', '0123'), join(folder, 'elsewhere'));
    symlinkSync('../../elsewhere', shard);
    expect(() => openModelWeights(snapshot)).toThrow('is a link to a place outside the folder');
  });

  it('says what an empty folder lacks, and why pickled weights are not read', () => {
    expect(() => openModelWeights(folder)).toThrow('holds neither model.safetensors nor');
    writeFileSync(join(folder, 'pytorch_model.bin'), '');
    expect(() => openModelWeights(folder)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('can run code') }),
    );
    expect(() => openModelWeights(join(folder, 'missing'))).toThrow('missing does not exist');
  });
});
