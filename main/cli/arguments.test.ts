import { describe, expect, test } from 'vitest';
import { StudioError } from '../contract/errors.ts';
import type { CommandSpec } from './arguments.ts';
import { helpText, parseArguments } from './arguments.ts';

const spec: CommandSpec = {
  name: 'generate',
  usage: '--model DIR RUN [--json]',
  summary: 'Writes text.',
  options: {
    model: { value: 'DIR', help: 'the model' },
    set: { value: 'KEY=VALUE', repeated: true, help: 'one field' },
    temperature: { value: 'T', help: 'spread' },
    json: { help: 'machine-readable' },
  },
  positionals: ['RUN'],
};

describe('parseArguments', () => {
  test('reads values, repeats, switches, numbers below zero and positionals', () => {
    const parsed = parseArguments(spec, [
      'run-1',
      '--model=a b',
      '--set',
      'x=1',
      '--set',
      'y==2',
      '--temperature',
      '-0.5',
      '--json',
    ]);
    expect(parsed.value('model')).toBe('a b');
    expect(parsed.values('set')).toEqual(['x=1', 'y==2']);
    expect(parsed.number('temperature')).toBe(-0.5);
    expect(parsed.has('json')).toBe(true);
    expect(parsed.positionals).toEqual(['run-1']);
  });

  test.each([
    [['r', '--modle', 'x'], 'wds generate has no option --modle. Did you mean --model?'],
    [['r', '--zebra'], 'wds generate has no option --zebra.'],
    [['r', '-m'], 'wds generate has no option -m.'],
    [['r', '--__proto__=1'], 'wds generate has no option --__proto__.'],
    [['r', '--model'], '--model needs a value: --model DIR.'],
    [['r', '--model', '--json'], '--model needs a value: --model DIR.'],
    [['r', '--json=yes'], '--json takes no value.'],
    [['r', '--model', 'a', '--model', 'b'], '--model was given twice.'],
    [['r', 's'], 'Unexpected argument "s".'],
    [[], 'RUN is missing.'],
  ])('%j is refused', (args, message) => {
    const failure = failureOf(() => parseArguments(spec, args));
    expect(failure.code).toBe('usage');
    expect(failure.message).toBe(message);
    expect(failure.hint).toBe('Usage: wds generate --model DIR RUN [--json]');
  });

  test('refuses what is no number and what is missing', () => {
    const parsed = parseArguments(spec, ['r', '--temperature', 'warm']);
    expect(failureOf(() => parsed.number('temperature')).message).toBe(
      '--temperature must be a number, not "warm".',
    );
    expect(failureOf(() => parsed.required('model')).message).toBe('--model is missing.');
  });

  test('help lists every option', () => {
    expect(helpText(spec)).toBe(
      [
        'wds generate --model DIR RUN [--json]',
        '',
        'Writes text.',
        '',
        '  --model DIR      the model',
        '  --set KEY=VALUE  one field (repeatable)',
        '  --temperature T  spread',
        '  --json           machine-readable',
      ].join('\n'),
    );
  });
});

function failureOf(action: () => unknown): StudioError {
  try {
    action();
  } catch (error) {
    if (error instanceof StudioError) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}
