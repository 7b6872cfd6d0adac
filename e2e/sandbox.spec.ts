/**
 * Renderers run in the operating system's sandbox: a seccomp filter, and no way to new privileges. Read
 * from /proc, because Electron has called windows sandboxed that were not.
 */
import { readFileSync } from 'node:fs';
import { launchAsOrdinaryUser } from './ordinary-user.ts';
import { expect, test } from './studio.ts';
import type { Studio } from './studio.ts';

interface Confinement {
  seccomp: string | undefined;
  noNewPrivileges: string | undefined;
}

function confinement(pid: number): Confinement {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const read = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s+(\\d)`, 'm').exec(status)?.[1];
  return { seccomp: read('Seccomp'), noNewPrivileges: read('NoNewPrivs') };
}

async function processes({ app }: Studio): Promise<Record<'page' | 'browser', Confinement[]>> {
  const all = await app.evaluate(({ app: shell }) =>
    shell.getAppMetrics().map(({ pid, type }) => ({ pid, type })),
  );
  const of = (kind: string): Confinement[] =>
    all.filter(({ type }) => type === kind).map(({ pid }) => confinement(pid));
  return { page: of('Tab'), browser: of('Browser') };
}

const confined = { seccomp: '2', noNewPrivileges: '1' };
const free = { seccomp: '0', noNewPrivileges: '0' };

test.skip(process.platform !== 'linux', 'read from /proc');

test('started by an ordinary user, every page is confined; the main process is not', async ({
  home,
}) => {
  const studio = await launchAsOrdinaryUser(home);
  expect(await processes(studio)).toEqual({ page: [confined], browser: [free] });
  const noSandbox = await studio.app.evaluate(({ app }) => app.commandLine.hasSwitch('no-sandbox'));
  expect(noSandbox).toBe(false);
  await studio.app.close();
});

test('the check sees a page without a sandbox', async ({ home }) => {
  const studio = await launchAsOrdinaryUser(home, ['--no-sandbox']);
  const { page } = await processes(studio);
  expect(page.map(({ seccomp }) => seccomp)).toEqual(['0']);
  await studio.app.close();
});
