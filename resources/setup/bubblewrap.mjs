/**
 * The sandbox for model-written code (HumanEval, MBPP) on Linux. As root on Debian or Ubuntu it is
 * installed; anybody else is told how by `wds doctor` and where it is missed. All else works without
 * it, so a failure here ends nothing.
 */
import { findProgram, run } from './processes.mjs';
import { step } from './report.mjs';

export async function offerBubblewrap() {
  if (process.platform !== 'linux' || findProgram('bwrap')) return;
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '-y', '--no-install-recommends', 'bubblewrap'];
  await step('bubblewrap, the sandbox for code tasks', async () => {
    const first = await run('apt-get', install, { env: environment });
    if (first.code === 0) return first;
    // A fresh image has no package lists yet.
    await run('apt-get', ['update'], { env: environment });
    return await run('apt-get', install, { env: environment });
  });
}
