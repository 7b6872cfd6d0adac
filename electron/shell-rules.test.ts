/**
 * What no source of the shell may say: a window with its protections switched off, a second channel
 * past the one that checks its sender, a way out of the app.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const rules: [what: string, pattern: RegExp][] = [
  ['Node in a page', /\bnodeIntegration(InWorker|InSubFrames)?:(?!\s*false\b)/],
  ['no isolation', /\bcontextIsolation:(?!\s*true\b)/],
  ['no sandbox', /\bsandbox:(?!\s*true\b)/],
  ['no web security', /\bwebSecurity:(?!\s*true\b)/],
  ['insecure content', /\ballowRunningInsecureContent\b/],
  ['experiments', /\b(experimentalFeatures|enableBlinkFeatures)\b/],
  ['guests', /\bwebviewTag\b/],
  ['a scheme past the content security policy', /\bbypassCSP\b/],
  ['a link to the outside', /\bopenExternal\b/],
];
/** The app's, and that of the separate program which runs model-written code. */
const channels = [join('ipc', 'serve.ts'), join('code-window', 'windows.cjs')];

function broken(file: string, source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = rules.filter(([, pattern]) => pattern.test(code)).map(([what]) => what);
  if (!channels.includes(file) && code.includes('ipcMain')) found.push('another channel');
  return found.map((what) => `${file}: ${what}`);
}

test('no source of the shell loosens a window or opens a channel', () => {
  const sources = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(ts|mjs|cjs)$/.test(file) && !file.endsWith('.test.ts'),
  );
  expect(sources).toContain('window.ts');
  const problems = sources.flatMap((file) =>
    broken(file, readFileSync(join(import.meta.dirname, file), 'utf8')),
  );
  expect(problems).toEqual([]);
});

test('each rule is seen to be broken, and not by its opposite or in a comment', () => {
  const loose = [
    'nodeIntegration: true',
    'contextIsolation: false',
    'sandbox: !isRoot',
    'webSecurity: false',
    'allowRunningInsecureContent: true',
    'experimentalFeatures: true',
    'webviewTag: true',
    'bypassCSP: true',
    'shell.openExternal(url)',
  ];
  for (const [index, [what]] of rules.entries()) {
    expect(broken('window.ts', loose[index] ?? '')).toContain(`window.ts: ${what}`);
  }
  expect(broken('window.ts', "ipcMain.handle('more', then)")).toEqual([
    'window.ts: another channel',
  ]);
  const strict = 'nodeIntegration: false, contextIsolation: true, sandbox: true';
  expect(broken('window.ts', `${strict}\n// webSecurity\n/* bypassCSP */`)).toEqual([]);
});
