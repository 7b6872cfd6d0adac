/** `wds`, the command line: what the app shows is compared with what it says. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './studio.ts';

export interface CommandResult {
  code: number;
  /** What `--json` printed. */
  document: unknown;
}

/** `groups`: the command with its arguments, in groups that belong together. */
export function wds(...groups: string[][]): Promise<CommandResult> {
  const args = groups.flat();
  const launcher = join(projectFolder, 'resources', 'setup', 'launch.mjs');
  const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [launcher, ...args, '--json'], options, (error, out, complaint) => {
      const code = error === null ? 0 : error.code;
      try {
        resolve({ code: typeof code === 'number' ? code : 1, document: JSON.parse(out) });
      } catch {
        reject(new Error(`wds ${args.join(' ')}: ${out}${complaint}`));
      }
    });
  });
}

/** The message and hint with which `wds` refuses. */
export async function refusalOf(args: string[]): Promise<{ message: string; hint: string }> {
  const { code, document } = await wds(args);
  const { error } = document as { error?: { message: string; hint: string } };
  if (code === 0 || error === undefined) throw new Error(`wds ${args.join(' ')} did not refuse`);
  return error;
}
