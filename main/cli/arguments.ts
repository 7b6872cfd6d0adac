/**
 * Command lines: one declaration per command gives parsing, `--help` and the errors. A mistake in
 * usage is a StudioError('usage'), which ends the process with exit code 2 and one line that names
 * the nearest option.
 */
import { parseArgs } from 'node:util';
import { StudioError } from '../contract/errors.ts';
import { nearest } from '../host/nearest.ts';

export interface OptionSpec {
  /** What the value is called in the help, e.g. FILE; absent: a switch without a value. */
  value?: string;
  /** May be given several times; its value is then a list. */
  repeated?: boolean;
  help: string;
}

export interface CommandSpec {
  name: string;
  /** What comes after `wds <name>`, e.g. "--model DIR (--text S | --messages FILE)". */
  usage: string;
  /** One line. */
  summary: string;
  options: Record<string, OptionSpec>;
  /** Names of the positional arguments; more than these are refused. A last `NAME...` takes all. */
  positionals?: string[];
}

export interface ParsedArguments {
  /** The last value given. */
  value(option: string): string | undefined;
  values(option: string): string[];
  /** Whether a switch was given. */
  has(option: string): boolean;
  /** A finite number; refuses anything else. */
  number(option: string): number | undefined;
  /** As `value`, but the option must be there. */
  required(option: string): string;
  positionals: string[];
}

export function parseArguments(spec: CommandSpec, args: string[]): ParsedArguments {
  const options = Object.fromEntries(
    Object.entries(spec.options).map(([name, option]) => [
      name,
      option.value === undefined
        ? { type: 'boolean' as const }
        : { type: 'string' as const, multiple: true as const },
    ]),
  );
  const { tokens } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(spec.options, token.name) ? spec.options[token.name] : undefined;
    if (option === undefined) throw unknownOption(spec, token.rawName);
    const swallowed = token.inlineValue === false && token.value?.startsWith('--') === true;
    if (option.value !== undefined && (token.value === undefined || swallowed)) {
      throw usage(spec, `--${token.name} needs a value: --${token.name} ${option.value}.`);
    }
    if (option.value === undefined && token.value !== undefined) {
      throw usage(spec, `--${token.name} takes no value.`);
    }
    const earlier = given.get(token.name);
    if (earlier !== undefined && option.value !== undefined && option.repeated !== true) {
      throw usage(spec, `--${token.name} was given twice.`);
    }
    given.set(token.name, [...(earlier ?? []), token.value ?? '']);
  }
  checkPositionals(spec, positionals);
  return {
    value: (option) => given.get(option)?.at(-1),
    values: (option) => given.get(option) ?? [],
    has: (option) => given.has(option),
    number(option) {
      const text = given.get(option)?.at(-1);
      if (text === undefined) return undefined;
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) {
        throw usage(spec, `--${option} must be a number, not "${text}".`);
      }
      return value;
    },
    required(option) {
      const value = given.get(option)?.at(-1);
      if (value === undefined) throw usage(spec, `--${option} is missing.`);
      return value;
    },
    positionals,
  };
}

/** The text of `wds <command> --help`. */
export function helpText(spec: CommandSpec): string {
  const rows = Object.entries(spec.options).map(([name, option]) => [
    `--${name}${option.value === undefined ? '' : ` ${option.value}`}`,
    option.repeated === true ? `${option.help} (repeatable)` : option.help,
  ]);
  const width = Math.max(0, ...rows.map(([left]) => left!.length));
  const lines = rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`);
  return [`wds ${spec.name} ${spec.usage}`.trimEnd(), '', spec.summary, '', ...lines].join('\n');
}

export function usage(spec: CommandSpec, message: string): StudioError {
  return new StudioError('usage', message, `Usage: wds ${spec.name} ${spec.usage}`.trimEnd());
}

function unknownOption(spec: CommandSpec, name: string): StudioError {
  const guess = nearest(name.replace(/^-+/, ''), Object.keys(spec.options));
  const suggestion = guess === undefined ? '' : ` Did you mean --${guess}?`;
  return usage(spec, `wds ${spec.name} has no option ${name}.${suggestion}`);
}

function checkPositionals(spec: CommandSpec, positionals: string[]): void {
  const names = spec.positionals ?? [];
  const open = names.at(-1)?.endsWith('...') === true;
  const missing = names[positionals.length];
  if (missing !== undefined) throw usage(spec, `${missing.replace('...', '')} is missing.`);
  if (!open && positionals.length > names.length) {
    throw usage(spec, `Unexpected argument "${positionals[names.length]}".`);
  }
}
