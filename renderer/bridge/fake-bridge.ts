/**
 * A bridge for working on the renderer in a plain browser: it replays a recorded run from
 * `renderer/fixtures/recording.json` ({ snapshot, events, answers }), a few events at a time, and
 * answers other requests with what was recorded for them. Development only: never in the built app.
 */
import type { RunEvent } from '../../main/contract/events.ts';
import type { Answer } from '../../main/contract/requests.ts';
import type { RunSnapshot } from '../../main/contract/runs.ts';
import type { Bridge } from './bridge.ts';

interface Recording {
  /** As it was before the first event. */
  snapshot: RunSnapshot;
  events: RunEvent[];
  /** By request name, whatever the input. */
  answers: Record<string, unknown>;
}

const eventsPerTick = 5;
const tick = 100;

export async function fakeBridge(): Promise<Bridge> {
  const response = await fetch('/fixtures/recording.json');
  if (!response.ok) throw new Error('renderer/fixtures/recording.json is missing.');
  const recording = (await response.json()) as Recording;
  const { snapshot, events } = recording;
  const runId = snapshot.summary.id;
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let sent = 0;

  const push = (name: string, payload: unknown): void =>
    listeners.get(name)?.forEach((listener) => listener(payload));
  window.setInterval(() => {
    const next = events.slice(sent, sent + eventsPerTick);
    sent += next.length;
    if (next.length > 0) push('events', { runId, events: next });
  }, tick);

  function valueOf(name: string): unknown {
    if (name === 'run.snapshot') return snapshot;
    if (name === 'run.events') return events.slice(0, sent);
    if (name === 'runs.list') return [snapshot.summary];
    return recording.answers[name];
  }

  return {
    async request(name): Promise<Answer<unknown>> {
      const value = valueOf(name);
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
