import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { saveCheckpoint } from './checkpoint-folder.ts';
import { cleanTemporary, newestCheckpoint, removeOldCheckpoints } from './checkpoint-history.ts';
import { verifyCheckpoint } from './checkpoint-manifest.ts';
import { freeBytesByDf, freeDiskBytes } from './disk-space.ts';
import { openModelWeights } from './model-weights.ts';
import { tensorFromArray, writeShardedModel } from './safetensors-writer.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

function save(step: number, value = step, into = parent) {
  return saveCheckpoint(
    into,
    `step-${step}`,
    (folder) => {
      const weights = tensorFromArray('w', 'F32', [4], new Float32Array(4).fill(value));
      const moments = tensorFromArray('m', 'F32', [4], new Float32Array(4));
      folder.writeFiles((path) =>
        writeShardedModel(path, [weights, moments], { maxShardBytes: 16 }),
      );
      folder.writeTensors('optimizer.safetensors', [moments]);
      folder.writeJson('state.json', { step, value });
    },
    { fields: { step, stage: 'sft', notes: undefined }, expectedBytes: 1000 },
  );
}

const corrupt = (reason: string) =>
  expect.objectContaining({ code: 'checkpoint-corrupt', message: expect.stringContaining(reason) });

describe('a saved checkpoint', () => {
  it('is verified with its fields, and is a model folder', () => {
    const saved = save(7);
    expect(saved.path).toBe(join(parent, 'step-7'));
    const manifest = verifyCheckpoint(saved.path);
    expect(manifest.fields).toEqual({ step: 7, stage: 'sft' });
    const names = manifest.files.map((file) => file.name);
    expect([...names, 'manifest.json'].sort()).toEqual(readdirSync(saved.path).sort());
    expect(names).toHaveLength(5);
    const sizes = readdirSync(saved.path).map(
      (name) => readFileSync(join(saved.path, name)).length,
    );
    expect(saved.bytes).toBe(sizes.reduce((a, b) => a + b));
    expect(readdirSync(parent)).toEqual(['step-7']);
    const weights = openModelWeights(saved.path);
    expect(new Float32Array(weights.read('w').buffer)).toEqual(new Float32Array(4).fill(7));
    weights.close();
  });

  it('is refused once any byte of any file differs, and the one before it is used', () => {
    save(1);
    const { path } = save(2);
    for (const name of readdirSync(path)) {
      const file = join(path, name);
      const content = readFileSync(file);
      for (const position of [0, content.length >> 1, content.length - 1]) {
        const flipped = Buffer.from(content);
        flipped[position]! ^= 4;
        writeFileSync(file, flipped);
        expect(() => verifyCheckpoint(path), `${name} ${position}`).toThrow(corrupt(''));
      }
      truncateSync(file, content.length - 1);
      expect(() => verifyCheckpoint(path), name).toThrow(corrupt(''));
      rmSync(file);
      expect(() => verifyCheckpoint(path), name).toThrow(corrupt(`${name} is missing`));

      const { newest, skipped } = newestCheckpoint(parent);
      expect([newest?.step, newest?.name]).toEqual([1, 'step-1']);
      expect(skipped).toEqual([{ path, reason: expect.stringContaining(`${name} is missing`) }]);
      writeFileSync(file, content);
    }
    expect(newestCheckpoint(parent)).toMatchObject({ newest: { step: 2 }, skipped: [] });
  });

  it('protects its manifest: no flipped bit of it goes unnoticed', () => {
    const { path } = save(1);
    const file = join(path, 'manifest.json');
    const content = readFileSync(file);
    for (let position = 0; position < content.length; position++) {
      const flipped = Buffer.from(content);
      flipped[position]! ^= 1 << (position % 7);
      writeFileSync(file, flipped);
      expect(() => verifyCheckpoint(path), `byte ${position}`).toThrow(corrupt(''));
    }
  });

  it('does not follow links or names that lead elsewhere', () => {
    const { path } = save(1);
    const state = join(path, 'state.json');
    writeFileSync(join(parent, 'outside'), readFileSync(state));
    rmSync(state);
    symlinkSync(join(parent, 'outside'), state);
    expect(() => verifyCheckpoint(path)).toThrow(corrupt('state.json is missing'));
    const named = (name: string) => () =>
      saveCheckpoint(parent, 'step-2', (folder) => folder.writeText(name, ''), {
        fields: { step: 2 },
        expectedBytes: 0,
      });
    for (const name of ['../x', 'a/b', '.hidden', '', 'manifest.json']) {
      expect(named(name)).toThrow(RangeError);
    }
    expect(() => save(1.5)).not.toThrow();
    expect(() =>
      saveCheckpoint(parent, '../x', () => {}, { fields: { step: 1 }, expectedBytes: 0 }),
    ).toThrow(RangeError);
    expect(readdirSync(parent).sort()).toEqual(['outside', 'step-1', 'step-1.5']);
  });

  it('replaces one of the same name', () => {
    save(3, 1);
    save(3, 2);
    expect(readdirSync(parent)).toEqual(['step-3']);
    const state = JSON.parse(readFileSync(join(parent, 'step-3', 'state.json'), 'utf8'));
    expect(state).toEqual({ step: 3, value: 2 });
  });

  it('stays as it was when the next save fails half-way', () => {
    save(3, 1);
    const failing = () =>
      saveCheckpoint(
        parent,
        'step-3',
        (folder) => {
          folder.writeText('state.json', '{}');
          throw new Error('the device was lost');
        },
        { fields: { step: 3 }, expectedBytes: 0 },
      );
    expect(failing).toThrow('the device was lost');
    expect(readdirSync(parent)).toEqual(['step-3']);
    expect(verifyCheckpoint(join(parent, 'step-3')).fields.stage).toBe('sft');
  });
});

describe('the history of checkpoints', () => {
  it('is empty where nothing was saved', () => {
    expect(newestCheckpoint(join(parent, 'nowhere'))).toEqual({ newest: null, skipped: [] });
    mkdirSync(join(parent, 'step-9'));
    const { newest, skipped } = newestCheckpoint(parent);
    expect(newest).toBeNull();
    expect(skipped[0]!.reason).toContain('manifest.json is missing');
  });

  it('goes by step, not by name', () => {
    for (const step of [9, 100, 20]) save(step);
    expect(newestCheckpoint(parent).newest!.name).toBe('step-100');
  });

  it('keeps the newest and the protected ones', () => {
    for (const step of [1, 2, 3, 4, 5]) save(step);
    expect(removeOldCheckpoints(parent, 2, ['step-1'])).toEqual([
      join(parent, 'step-3'),
      join(parent, 'step-2'),
    ]);
    expect(readdirSync(parent).sort()).toEqual(['step-1', 'step-4', 'step-5']);
    expect(removeOldCheckpoints(parent, 0)).toHaveLength(2);
    expect(readdirSync(parent)).toEqual(['step-5']);
  });

  it('deletes nothing while the newest one is damaged', () => {
    for (const step of [1, 2, 3]) save(step);
    truncateSync(join(parent, 'step-3', 'optimizer.safetensors'), 3);
    expect(removeOldCheckpoints(parent, 1)).toEqual([]);
    expect(readdirSync(parent)).toHaveLength(3);
  });

  it('is tidied after a crash', () => {
    save(1);
    mkdirSync(join(parent, '.tmp-step-2-123'));
    mkdirSync(join(parent, '.tmp-delete-step-0-9'));
    mkdirSync(join(parent, '.replaced-step-1'));
    writeFileSync(join(parent, 'events.jsonl'), '');
    const { removed, restored } = cleanTemporary(parent);
    expect(removed).toHaveLength(3);
    expect(restored).toEqual([]);
    expect(readdirSync(parent).sort()).toEqual(['events.jsonl', 'step-1']);
  });

  it('uses a checkpoint that was set aside, and gives it its name back', () => {
    save(1);
    execFileSync('mv', [join(parent, 'step-1'), join(parent, '.replaced-step-1')]);
    expect(newestCheckpoint(parent).newest).toMatchObject({ step: 1, name: 'step-1' });
    expect(cleanTemporary(parent).restored).toEqual([join(parent, 'step-1')]);
    expect(newestCheckpoint(parent).newest!.path).toBe(join(parent, 'step-1'));
  });
});

describe('a disk without room', () => {
  it('is noticed before anything is written', () => {
    const tooMuch = () =>
      saveCheckpoint(parent, 'step-1', () => {}, { fields: { step: 1 }, expectedBytes: 1e18 });
    expect(tooMuch).toThrow(
      expect.objectContaining({
        code: 'disk-full',
        message: expect.stringMatching(/step-1 needs 1000000000\.0 GB, but .* has [\d.]+ GB free/),
      }),
    );
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is measured alike by the system and by df', () => {
    const free = freeDiskBytes(parent)!;
    expect(free).toBeGreaterThan(0);
    expect(Math.abs(freeBytesByDf(parent)! / free - 1)).toBeLessThan(0.2);
    expect(freeBytesByDf(join(parent, 'nowhere'))).toBeNull();
    expect(freeDiskBytes(join(parent, 'nowhere'))).toBeNull();
  });

  const mounted = canMount();
  it.skipIf(!mounted)(
    `that fills up during the save keeps the last checkpoint${mounted ? '' : ' (skipped: this user may not mount a small disk)'}`,
    () => {
      const disk = join(parent, 'disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', disk]);
      try {
        save(1, 1, disk);
        const huge = () =>
          saveCheckpoint(
            disk,
            'step-1',
            (folder) => folder.writeText('large', 'x'.repeat(30 * 2 ** 20)),
            { fields: { step: 1 }, expectedBytes: 0 },
          );
        expect(huge).toThrow(expect.objectContaining({ code: 'disk-full' }));
        expect(readdirSync(disk)).toEqual(['step-1']);
        expect(verifyCheckpoint(join(disk, 'step-1')).fields.stage).toBe('sft');
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );
});

const isRoot = process.getuid?.() === 0;
it.skipIf(isRoot)(
  `a folder without the right to write is named${isRoot ? ' (skipped: root may write anywhere)' : ''}`,
  () => {
    chmodSync(parent, 0o500);
    expect(() => save(1)).toThrow(expect.objectContaining({ code: 'file-unwritable' }));
    chmodSync(parent, 0o700);
  },
);

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
