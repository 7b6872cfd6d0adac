/** kill -9 at every named point of a save: the old or the new checkpoint is there, complete. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointWriter } from './checkpoint-folder.ts';
import { saveCheckpoint } from './checkpoint-folder.ts';
import { cleanTemporary, newestCheckpoint } from './checkpoint-history.ts';

const CHILD = join(import.meta.dirname, 'crash-child.ts');

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'checkpoint-crash-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function saveHere(parent: string, content: string) {
  const write = (folder: CheckpointWriter) => folder.writeText('state.json', content);
  saveCheckpoint(parent, 'step-2', write, { fields: { step: 2 }, expectedBytes: 1000 });
}

function saveInChild(parent: string, content: string, fatalPoint = '') {
  const args = ['--import', 'tsx', CHILD, parent, 'step-2', content, fatalPoint];
  const child = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { points: child.stdout.trim().split('\n'), signal: child.signal };
}

/** What the newest checkpoint holds, after all of it was verified. */
function contentOf(parent: string): string | null {
  const { newest } = newestCheckpoint(parent);
  return newest && readFileSync(join(newest.path, 'state.json'), 'utf8');
}

describe('a save that is killed', () => {
  it.each([
    ['replacing a checkpoint', 'old'],
    ['as the first one', null],
  ])('%s leaves the old or the new one', (_, before) => {
    const { points } = saveInChild(join(root, `undisturbed-${before}`), 'new');
    if (before !== null) points.splice(points.indexOf('rename'), 0, 'set the old one aside');
    expect(new Set(points).size).toBe(points.length);
    expect(points.length).toBeGreaterThanOrEqual(10);
    expect(points).toContain('the middle of a file');

    const outcomes = points.map((point, index) => {
      const parent = join(root, `${before}-${index}`);
      if (before !== null) saveHere(parent, before);
      const killed = saveInChild(parent, 'new', point);
      expect([point, killed.signal]).toEqual([point, 'SIGKILL']);

      const found = contentOf(parent);
      cleanTemporary(parent);
      expect(contentOf(parent)).toBe(found);
      expect(readdirSync(parent)).toEqual(found === null ? [] : ['step-2']);
      saveHere(parent, 'again');
      expect(contentOf(parent)).toBe('again');
      return found;
    });
    // From the renaming on it is the new one, before that the old one, and nothing else ever.
    const renamed = points.indexOf('rename');
    expect(outcomes).toEqual(points.map((__, index) => (index > renamed ? 'new' : before)));
  });
});
