import { describe, expect, test } from 'vitest';
import type { EventBody, RunEvent } from '../contract/events.ts';
import { createProgress } from './progress.ts';
import { formatSeconds, printable } from './text.ts';

/** What a terminal would show of steps that take one second each. */
function show(isTTY: boolean, bodies: EventBody[], columns = 120): string {
  let text = '';
  const progress = createProgress({ write: (piece) => (text += piece), isTTY, columns });
  bodies.forEach((body, seq) => {
    progress.show({ ...body, runId: 'demo-1', seq, time: 1000 * seq } as RunEvent);
  });
  progress.end();
  return text;
}

const step = (number: number, steps = 100): EventBody => ({
  kind: 'step',
  stage: 'joint',
  step: number,
  steps,
  loss: 0.123456,
  gradientNorm: 1,
  learningRate: 1e-5,
  answerTokens: 7,
  tokens: 20,
  seconds: 1,
  tokensPerSecond: 1234.5,
});
const finished: EventBody = {
  kind: 'stage-finished',
  stage: 'sft',
  cached: false,
  seconds: 75.2,
  summary: '600 steps,\u001b[2J loss 1.2',
};

describe('progress', () => {
  test('in a terminal is a bar that is drawn over, with the time to go once it is known', () => {
    const draws = show(true, [step(49), step(50)])
      .split('\r')
      .filter((draw) => draw.trim() !== '');
    expect(draws).toEqual([
      'joint █████████░░░░░░░░░░░ 49/100  loss 0.1235  1,235 tok/s',
      'joint ██████████░░░░░░░░░░ 50/100  loss 0.1235  1,235 tok/s  50 s to go',
    ]);
  });

  test('fits the terminal and leaves nothing behind', () => {
    const text = show(true, [step(1), finished], 40);
    expect(text.split('\r').map((draw) => draw.replace(/\n$/, '').length)).toEqual([0, 39, 39, 36]);
    expect(text.endsWith('✓ sft: 600 steps,[2J loss 1.2 (75 s)\n')).toBe(true);
  });

  test('elsewhere is a plain line every five seconds', () => {
    const lines = show(
      false,
      Array.from({ length: 12 }, (_, index) => step(index + 1)),
    ).split('\n');
    expect(lines.map((line) => /(\d+)\/100/.exec(line)?.[1])).toEqual(['1', '6', '11', undefined]);
    expect(lines.join('')).not.toContain('\r');
  });

  test('takes the time from each stage anew', () => {
    const text = show(true, [
      step(1),
      step(2),
      { kind: 'stage-progress', stage: 'evaluate', done: 1, total: 4, unit: 'items' },
    ]);
    expect(text.split('\r').at(-3)).toMatch(/^evaluate █████░+ 1\/4 {2}items *$/);
  });
});

test.each([
  [0.04, '0.0 s'],
  [9.94, '9.9 s'],
  [61, '61 s'],
  [125, '2 min'],
  [7260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('control characters and line ends do not reach the terminal', () => {
  expect(printable('a\nb\u001b[31m\u0007\u009bc')).toBe('a b[31mc');
});
