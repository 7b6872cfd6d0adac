/**
 * The arrows of the architecture, followed through every import of the repository, however indirect:
 * contract <- engine <- pipeline <- host <- cli, electron; renderer imports contract only; only
 * electron/ imports Electron. The linter says the same of single imports while one types; this test also
 * sees what a file outside the layers passes on. And: no file outgrows what one can read in one go.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** What each layer may reach. */
const arrows: Record<string, string[]> = {
  'main/contract': [],
  'main/engine': ['main/contract'],
  'main/pipeline': ['main/contract', 'main/engine'],
  'main/host': ['main/contract', 'main/engine', 'main/pipeline'],
  'main/cli': ['main/contract', 'main/engine', 'main/pipeline', 'main/host'],
  electron: ['main/contract', 'main/engine', 'main/pipeline', 'main/host'],
  renderer: ['main/contract'],
};
const lineCaps: Record<string, number> = { 'main/engine': 500, renderer: 300, electron: 300 };
const onlyElectron = /^electron($|\/|-store$)/;

/** Sources by path relative to the root, with forward slashes. */
type Sources = Map<string, string>;

const isTest = (path: string) => /\.(test|spec)\.tsx?$/.test(path);
const layerOf = (path: string) => Object.keys(arrows).find((layer) => path.startsWith(`${layer}/`));

/** What a source imports, types and re-exports and dynamic imports included. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g;
  return [...code.matchAll(pattern)].map((match) => match[2] as string);
}

/** The file an import of `from` names: a path of `sources`, or the name of a package. */
function resolveImport(from: string, name: string, sources: Sources): string {
  if (!name.startsWith('.')) return name;
  const path = posix.join(posix.dirname(from), name.replace(/\?.*$/, ''));
  const endings = ['', '.ts', '.tsx', '/index.ts', '/index.tsx'];
  const found = endings.find((ending) => sources.has(path + ending));
  return path + (found ?? '');
}

/** One line for every layer's file from which something forbidden is reached, with the way there. */
function brokenArrows(sources: Sources): string[] {
  const problems = new Set<string>();
  for (const start of sources.keys()) {
    const layer = layerOf(start);
    if (!layer || isTest(start)) continue;
    const allowed = [layer, ...(arrows[layer] ?? [])];
    const cameFrom = new Map<string, string | null>([[start, null]]);
    for (const path of cameFrom.keys()) {
      const target = layerOf(path);
      const forbidden =
        (target !== undefined && !allowed.includes(target)) ||
        (onlyElectron.test(path) && !sources.has(path) && layer !== 'electron');
      if (forbidden) {
        const way = [path];
        for (let at = cameFrom.get(path); at; at = cameFrom.get(at)) way.unshift(at);
        problems.add(way.join(' -> '));
        continue;
      }
      for (const name of importsOf(sources.get(path) ?? '')) {
        const next = resolveImport(path, name, sources);
        if (!cameFrom.has(next)) cameFrom.set(next, path);
      }
    }
  }
  return [...problems];
}

function tooLong(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => !isTest(path))
    .map(([path, source]) => ({ path, lines: source.split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (lineCaps[layerOf(path) ?? ''] ?? Infinity))
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

function readSources(): Sources {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const sources: Sources = new Map();
  for (const folder of ['main', 'electron', 'renderer', 'e2e', 'resources']) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|tsx|mts|mjs|js|cjs)$/.test(entry)) continue;
      const path = join(root, folder, entry);
      sources.set(relative(root, path).split(sep).join('/'), readFileSync(path, 'utf8'));
    }
  }
  return sources;
}

describe('this repository', () => {
  const sources = readSources();

  it('keeps the arrows', () => {
    expect(sources.size).toBeGreaterThan(20);
    expect(brokenArrows(sources)).toEqual([]);
  });

  it('keeps files short', () => {
    expect(tooLong(sources)).toEqual([]);
  });
});

describe('the check itself', () => {
  const found = (files: Record<string, string>) => brokenArrows(new Map(Object.entries(files)));

  it('finds an arrow that points up, directly or through a file outside the layers', () => {
    expect(
      found({
        'main/engine/a.ts': "import { b } from '../shared.ts';",
        'main/shared.ts': "export { b } from './host/b.ts';",
        'main/host/b.ts': '',
        'main/contract/c.ts': "export type * from '../engine/a.ts';",
      }),
    ).toEqual([
      'main/engine/a.ts -> main/shared.ts -> main/host/b.ts',
      'main/contract/c.ts -> main/engine/a.ts',
    ]);
  });

  it('finds Electron and the engine in places they must not be reached from', () => {
    expect(
      found({
        'main/host/a.ts': "const { app } = await import('electron');",
        'renderer/pages/b.tsx': "import type { X } from '../../main/engine/x';",
        'main/engine/x.ts': '',
        'electron/main.ts': "import { app } from 'electron';\nimport '../main/engine/x.ts';",
      }),
    ).toEqual(['main/host/a.ts -> electron', 'renderer/pages/b.tsx -> main/engine/x.ts']);
  });

  it('takes arrows that point down, and what only comments say', () => {
    expect(
      found({
        'main/cli/wds.ts': "import { host } from '../host/host.ts';",
        'main/host/host.ts': "import '../contract/errors.ts';\n// from 'electron'",
        'main/contract/errors.ts': "/** import '../host/host.ts' */",
        'renderer/main.tsx': "import '../main/contract/errors.ts';",
      }),
    ).toEqual([]);
  });

  it('counts lines of sources, not of tests', () => {
    const long = 'x\n'.repeat(501);
    const sources = new Map([
      ['main/engine/a.ts', long],
      ['main/engine/a.test.ts', long],
      ['main/host/a.ts', long],
      ['renderer/a.tsx', 'x\n'.repeat(300)],
      ['electron/a.ts', 'x\n'.repeat(301)],
    ]);
    expect(tooLong(sources)).toEqual(['main/engine/a.ts: 501 lines', 'electron/a.ts: 301 lines']);
  });
});
