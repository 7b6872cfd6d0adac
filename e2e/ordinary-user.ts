/**
 * The app as an ordinary user runs it, also where the tests run as root, for whom Chromium has no
 * sandbox: Electron and the built app are copied to where that user can read them, and started with a
 * user and group of nobody's through util-linux's setpriv.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { electronArguments, electronFile, launchStudio, projectFolder } from './studio.ts';
import type { Studio } from './studio.ts';

/** "nobody" on every Linux. */
const nobody = 65_534;

/** `extra`: arguments for Electron. Set-up only the window needs: TensorFlow is out of reach there. */
export function launchAsOrdinaryUser(home: string, extra: string[] = []): Promise<Studio> {
  if (process.getuid?.() !== 0) {
    return launchStudio(home, { args: [...extra, ...electronArguments(home)], sandboxed: true });
  }
  const runtime = join(home, 'electron');
  const app = join(home, 'app');
  cpSync(dirname(electronFile()), runtime, { recursive: true });
  mkdirSync(app);
  for (const part of ['out', 'package.json', 'resources']) {
    cpSync(join(projectFolder, part), join(app, part), { recursive: true });
  }
  // The key to the display lies in a file of root's own.
  const display = process.env['XAUTHORITY'];
  if (display !== undefined) cpSync(display, join(home, 'Xauthority'));
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, home]);
  const start = join(home, 'start');
  writeFileSync(
    start,
    [
      '#!/bin/sh',
      `export HOME='${home}' XDG_CACHE_HOME='${home}/cache'`,
      display === undefined ? '' : `export XAUTHORITY='${home}/Xauthority'`,
      `exec setpriv --reuid=${nobody} --regid=${nobody} --clear-groups \\`,
      `  '${join(runtime, basename(electronFile()))}' "$@"`,
      '',
    ].join('\n'),
  );
  chmodSync(start, 0o755);
  const args = [...extra, `--user-data-dir=${join(home, 'user')}`, app];
  return launchStudio(home, { executable: start, args, sandboxed: true });
}
