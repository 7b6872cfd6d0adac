/** The recorded run that `npm run dev` replays: whole, small, and of nobody's machine. */
import { expect, test } from 'vitest';
import { requestSchemas } from '../../main/contract/requests.ts';
import type { RunEvent } from '../../main/contract/events.ts';
import text from '../fixtures/recording.json?raw';
import { applyEvents, runStateFromSnapshot } from '../state/run-state.ts';
import type { RunSnapshot } from '../../main/contract/runs.ts';

const recording = JSON.parse(text) as {
  summary: RunSnapshot['summary'];
  config: RunSnapshot['config'];
  events: RunEvent[];
  answers: Record<string, unknown>;
};

test('below 300 kB, without paths of the machine it was made on', () => {
  expect(text.length).toBeLessThan(300_000);
  expect(text).not.toMatch(/"(\/tmp|\/root|\/work|\/mnt)\//);
  expect(text.match(/\/home\/(\w+)/g)?.every((path) => path === '/home/you')).toBe(true);
});

test('answers are answers to requests that there are', () => {
  const known = Object.keys(requestSchemas);
  expect(Object.keys(recording.answers).filter((name) => !known.includes(name))).toEqual([]);
});

test('its events, one after another, are a finished run without a hole', () => {
  const { summary, config, events } = recording;
  const empty = { summary, config, directory: '', series: [], events: [], lastSeq: -1 };
  const state = applyEvents(runStateFromSnapshot(empty), events);
  expect(state.missing).toBe(false);
  expect(state.lastSeq).toBe(events.length - 1);
  expect(events.at(-1)?.kind).toBe('run-finished');
});
