/**
 * A bridge for working on the renderer in a plain browser: it replays a recorded run from
 * `renderer/fixtures/recording.json` (e2e/record-run.ts), a few events at a time, and answers other
 * requests with what was recorded for them. Development only: never in the built app.
 */
import type { RunEvent } from '../../main/contract/events.ts';
import type { Answer } from '../../main/contract/requests.ts';
import type { RunSnapshot, RunSummary } from '../../main/contract/runs.ts';
import type { Bridge } from './bridge.ts';

interface Recording {
  /** As it was in the end. */
  summary: RunSummary;
  config: RunSnapshot['config'];
  directory: string;
  events: RunEvent[];
  /** By request name, whatever the input. */
  answers: Record<string, unknown>;
}

const eventsPerTick = 5;
const tick = 100;
const arrays: Record<string, { from(values: number[]): unknown }> = {
  Float64Array,
  Uint32Array,
  Uint8Array,
};

/** `{ typed, values }` -> a typed array; what JSON has no number for is null there. */
function revive(_key: string, part: unknown): unknown {
  if (typeof part !== 'object' || part === null || !('typed' in part)) return part;
  const { typed, values } = part as unknown as { typed: string; values: (number | null)[] };
  return arrays[typed]?.from(values.map((value) => value ?? NaN));
}

export async function fakeBridge(): Promise<Bridge> {
  const response = await fetch('/fixtures/recording.json');
  if (!response.ok) throw new Error('renderer/fixtures/recording.json is missing.');
  const recording = JSON.parse(await response.text(), revive) as Recording;
  const { summary, config, directory, events, answers } = recording;
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let sent = 0;

  const push = (name: string, payload: unknown): void =>
    listeners.get(name)?.forEach((listener) => listener(payload));
  const current = (): RunSummary =>
    sent < events.length ? { ...summary, status: 'running' } : summary;
  const timer = window.setInterval(() => {
    const next = events.slice(sent, sent + eventsPerTick);
    sent += next.length;
    push('events', { runId: summary.id, events: next });
    if (sent < events.length) return;
    window.clearInterval(timer);
    push('runs', [summary]);
  }, tick);

  function valueOf(name: string, input: unknown): unknown {
    switch (name) {
      case 'run.snapshot':
        return { summary: current(), config, directory, series: [], events: [], lastSeq: -1 };
      case 'run.events':
        return events.slice((input as { after: number }).after + 1, sent);
      case 'runs.list':
        return [current()];
      case 'settings.set':
        answers['settings.get'] = { ...(answers['settings.get'] as object), ...(input as object) };
        return answers['settings.get'];
      default:
        return answers[name];
    }
  }

  return {
    async request(name, input): Promise<Answer<unknown>> {
      const value = valueOf(name, input);
      if (value !== undefined) return { ok: true, value };
      const message = `The recording has no answer to ${name}.`;
      return { ok: false, error: { code: 'usage', message, hint: 'Use the real app.' } };
    },
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
  };
}
