/**
 * From the words of a command line to a command and an exit code: 0 done, 1 failed, 2 misused.
 * Commands are loaded when they are called: `wds runs` does not wait for TensorFlow. An error is one
 * line on stderr, with `--json` one document on stdout; a defect's stack trace goes to a log.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError, toErrorDetails } from '../contract/errors.ts';
import type { ErrorDetails } from '../contract/errors.ts';
import { nearest } from '../host/nearest.ts';
import { dataHome } from '../host/run-folders.ts';
import { version } from '../host/version.ts';
import type { CommandSpec } from './arguments.ts';
import { helpText } from './arguments.ts';
import { printable } from './text.ts';

export interface Command {
  /** One line. */
  summary: string;
  load: () => Promise<LoadedCommand>;
}

export interface LoadedCommand {
  spec: CommandSpec;
  /** Resolves to the exit code. */
  run: (args: string[]) => Promise<number>;
}

export type Commands = Record<string, Command>;

export async function dispatch(commands: Commands, args: string[]): Promise<number> {
  try {
    return await runCommand(commands, args);
  } catch (error) {
    return report(error, args.includes('--json'));
  }
}

async function runCommand(commands: Commands, args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(overview(commands));
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    console.log(version);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw unknownCommand(commands, name);
  const { spec, run } = await command.load();
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(helpText(spec));
    return 0;
  }
  return run(rest);
}

function overview(commands: Commands): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    'wds: Weak-Driven Learning for language models, without the window',
    '',
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'wds <command> --help says more. --json prints one JSON document; logs go to stderr.',
  ].join('\n');
}

function unknownCommand(commands: Commands, name: string): StudioError {
  const guess = nearest(name, Object.keys(commands));
  const suggestion = guess === undefined ? '' : ` Did you mean wds ${guess}?`;
  return new StudioError(
    'usage',
    `There is no command ${name}.${suggestion}`,
    'wds --help lists them.',
  );
}

/** Tells the user and returns the exit code. */
export function report(error: unknown, json: boolean): number {
  const details = toErrorDetails(error);
  if (details.code === 'internal') {
    details.hint = `This is a defect; ${writeDefect(error)} has the details.`;
  }
  printError(details, json);
  return details.code === 'usage' ? 2 : 1;
}

export function printError(error: ErrorDetails, json: boolean): void {
  if (json) console.log(JSON.stringify({ error }));
  else console.error(printable(`error: ${error.message} ${error.hint}`));
}

/** Returns where the stack trace is. */
function writeDefect(error: unknown): string {
  const folder = join(dataHome(), 'logs');
  const path = join(folder, 'wds.log');
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const text = `${new Date().toISOString()} wds ${process.argv.slice(2).join(' ')}\n${trace}\n`;
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(path, text);
    return path;
  } catch {
    console.error(trace);
    return 'the trace above';
  }
}
