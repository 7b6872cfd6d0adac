/**
 * What the disk can do to a save. All calls that change the file system pass through a recorder that
 * still makes them; it can fail the n-th one, and a recording can be replayed as a power loss would
 * leave it: without what was not flushed. (kill -9 alone proves nothing about fsync: the system's
 * cache survives it.)
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../contract/errors.ts';
import { saveCheckpoint } from './checkpoint-folder.ts';
import { cleanTemporary, newestCheckpoint } from './checkpoint-history.ts';
import type { DiskCall, Loss } from './power-loss.ts';
import { layOut, replay } from './power-loss.ts';
import { tensorFromArray } from './safetensors-writer.ts';

const recorder = vi.hoisted(() => ({
  calls: [] as unknown[],
  isRecording: false,
  failAt: -1,
  error: '',
}));

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const paths = new Map<number, string>();
  /** Records a call, or fails it. */
  const pass = <Result>(call: DiskCall, make: () => Result): Result => {
    if (!recorder.isRecording) return make();
    if (recorder.calls.length === recorder.failAt) {
      recorder.failAt = -1;
      throw Object.assign(new Error(recorder.error), { code: recorder.error });
    }
    recorder.calls.push(call);
    return make();
  };
  const wrapped = {
    mkdirSync: (path: string, options?: object) =>
      pass({ kind: 'mkdir', path }, () => real.mkdirSync(path, options)),
    openSync: (path: string, flags?: string | number) => {
      const create = () => real.openSync(path, flags as string);
      const descriptor = flags === 'w' ? pass({ kind: 'create', path }, create) : create();
      paths.set(descriptor, path);
      return descriptor;
    },
    writeSync: (descriptor: number, bytes: Uint8Array, offset: number, length: number) =>
      pass(
        {
          kind: 'write',
          path: paths.get(descriptor)!,
          bytes: bytes.slice(offset, offset + length),
        },
        () => real.writeSync(descriptor, bytes, offset, length),
      ),
    fsyncSync: (descriptor: number) =>
      pass({ kind: 'flush', path: paths.get(descriptor)! }, () => real.fsyncSync(descriptor)),
    renameSync: (path: string, to: string) =>
      pass({ kind: 'rename', path, to }, () => real.renameSync(path, to)),
    rmSync: (path: string, options?: object) =>
      real.existsSync(path)
        ? pass({ kind: 'remove', path }, () => real.rmSync(path, options))
        : undefined,
  };
  return { ...real, ...wrapped, default: { ...real, ...wrapped } };
});

let root: string;
let parent: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'checkpoint-faults-'));
  parent = join(root, 'checkpoints');
});
afterEach(() => {
  recorder.isRecording = false;
  rmSync(root, { recursive: true, force: true });
});

function save(step: number, content: string) {
  return saveCheckpoint(
    parent,
    `step-${step}`,
    (folder) => {
      const bytes = new TextEncoder().encode(content);
      folder.writeTensors('w.safetensors', [tensorFromArray('w', 'U8', [bytes.length], bytes)]);
      folder.writeText('state.json', content);
    },
    { fields: { step }, expectedBytes: 0 },
  );
}

/** The calls of one save, relative to the root. */
function record(action: () => void): DiskCall[] {
  recorder.calls = [];
  recorder.isRecording = true;
  try {
    action();
  } finally {
    recorder.isRecording = false;
  }
  return recorder.calls as DiskCall[];
}

function contentOf(folder: string): string | null {
  const { newest } = newestCheckpoint(folder);
  return newest && readFileSync(join(newest.path, 'state.json'), 'utf8');
}

describe('a call that fails', () => {
  it.each(['ENOSPC', 'EIO', 'EACCES'])('with %s, wherever it is, loses nothing', (code) => {
    save(1, 'old');
    const count = record(() => save(1, 'undisturbed')).length;
    expect(count).toBeGreaterThan(15);
    for (let failAt = 0; failAt < count; failAt++) {
      save(1, 'old');
      recorder.failAt = failAt;
      recorder.error = code;
      let thrown: unknown = null;
      const calls = record(() => {
        try {
          save(1, 'new');
        } catch (error) {
          thrown = error;
        }
      });
      recorder.failAt = -1;
      const next = calls[failAt];
      if (thrown === null) {
        // Only deleting the predecessor may fail unnoticed: the new one is in place by then.
        expect(contentOf(parent)).toBe('new');
      } else {
        expect(thrown).toBeInstanceOf(StudioError);
        expect(thrown).toMatchObject({ code: code === 'ENOSPC' ? 'disk-full' : 'file-unwritable' });
        expect(['old', 'new'], `call ${failAt}, then ${next?.kind}`).toContain(contentOf(parent));
        expect(readdirSync(parent).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
      }
      // A failed flush is not retried on the same file.
      if (next?.kind === 'flush') expect(next.path).not.toBe(calls[failAt - 1]?.path);
      cleanTemporary(parent);
      expect(readdirSync(parent)).toEqual(['step-1']);
    }
  });
});

describe('a power loss', () => {
  const LOSSES: Loss[] = ['names and contents', 'contents', 'half of the contents'];

  /** Which content is left after a loss following each call of a save that replaces "old". */
  function outcomes(loss: Loss, ignoreFlushes = false): (string | null)[] {
    const before = record(() => save(1, 'old'));
    const during = record(() => save(1, 'new'));
    return during.map((_, index) => {
      const disk = replay(root, [...before, ...during.slice(0, index + 1)], {
        loss,
        ignoreFlushes,
        survivors: before.length,
      });
      const copy = mkdtempSync(join(tmpdir(), 'after-power-loss-'));
      try {
        layOut(disk, copy);
        return contentOf(join(copy, 'checkpoints'));
      } finally {
        rmSync(copy, { recursive: true });
      }
    });
  }

  it.each(LOSSES)('that takes unflushed %s leaves the old or the new one', (loss) => {
    const left = outcomes(loss);
    expect(left[0]).toBe('old');
    expect(left.at(-1)).toBe('new');
    const firstNew = left.indexOf('new');
    expect(left).toEqual(left.map((_, index) => (index < firstNew ? 'old' : 'new')));
  });

  it('would lose both if nothing were flushed, so the replay can tell', () => {
    expect(outcomes('contents', true)).toContain(null);
  });
});
