/** Runs the end-to-end tests: `node e2e/run.mjs [playwright arguments]`; under Xvfb without a display. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const playwright = join(root, 'node_modules', '@playwright', 'test', 'cli.js');
const command = [
  process.execPath,
  playwright,
  'test',
  '--config',
  join('e2e', 'playwright.config.ts'),
  ...process.argv.slice(2),
];
const headless = process.platform === 'linux' && !process.env.DISPLAY;
const [program, ...rest] = headless
  ? ['xvfb-run', '-a', '-s', '-screen 0 1920x1200x24', ...command]
  : command;
const { status, error } = spawnSync(program, rest, { cwd: root, stdio: 'inherit' });
if (error?.code === 'ENOENT' && headless) {
  console.error('There is no display and no xvfb-run. Debian, Ubuntu: apt-get install xvfb xauth');
}
process.exit(status ?? 1);
