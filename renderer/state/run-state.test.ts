import { expect, test } from 'vitest';
import type { EventBody, RunEvent, StepEvent } from '../../main/contract/events.ts';
import { stepMetrics } from '../../main/contract/runs.ts';
import type { RunSnapshot, StepColumns } from '../../main/contract/runs.ts';
import { applyEvents, emptyRunState, runStateFromSnapshot } from './run-state.ts';
import { column } from './series.ts';

function numbered(bodies: EventBody[], from = 0): RunEvent[] {
  return bodies.map((body, index) => ({
    ...body,
    runId: 'r',
    seq: from + index,
    time: 1000 + index,
  }));
}

function step(number: number, loss: number): StepEvent {
  return {
    kind: 'step',
    stage: 'joint',
    step: number,
    steps: 10,
    loss,
    gradientNorm: 1,
    learningRate: 1e-5,
    answerTokens: 4,
    tokens: 8,
    seconds: 1,
    tokensPerSecond: 8,
  };
}

const history: EventBody[] = [
  { kind: 'run-started', resumed: false, version: '1', device: 'CPU', threads: 2 },
  { kind: 'stage-started', stage: 'joint', title: 'Joint training' },
  step(1, 2),
  step(2, 1.5),
  { kind: 'checkpoint', stage: 'joint', step: 2, path: 'a', bytes: 5, seconds: 1 },
  step(3, 1.25),
];

test('events in one go and one by one give the same state', () => {
  const events = numbered(history);
  const together = applyEvents(emptyRunState(), events);
  const single = events.reduce((state, event) => applyEvents(state, [event]), emptyRunState());
  expect(single).toEqual(together);
  expect(together.lastSeq).toBe(5);
  expect(together.stages.joint.status).toBe('running');
  expect(together.checkpoints).toHaveLength(1);
});

test('known events change nothing, a hole stops the fold', () => {
  const events = numbered(history);
  const state = applyEvents(emptyRunState(), events.slice(0, 3));
  expect(applyEvents(state, events.slice(0, 3))).toBe(state);
  const holed = applyEvents(state, events.slice(4));
  expect(holed.missing).toBe(true);
  expect(holed.lastSeq).toBe(2);
  const filled = applyEvents({ ...holed, missing: false }, events.slice(3));
  expect(filled).toEqual(applyEvents(emptyRunState(), events));
});

test('a step that comes again cuts the curve there, and older states keep theirs', () => {
  const before = applyEvents(emptyRunState(), numbered(history));
  const after = applyEvents(
    before,
    numbered(
      [
        { kind: 'run-started', resumed: true, version: '1', device: 'CPU', threads: 2 },
        step(3, 9),
        step(4, 8),
      ],
      6,
    ),
  );
  const losses = (state: typeof before) => [...column(state.series.joint!, 'loss')];
  expect(losses(before)).toEqual([2, 1.5, 1.25]);
  expect(losses(after)).toEqual([2, 1.5, 9, 8]);
  expect(after.markers.map(({ kind }) => kind)).toEqual(['checkpoint', 'resume']);
});

test('a snapshot and the events after it equal all events', () => {
  const events = numbered(history);
  const steps = events.filter((event) => event.kind === 'step').slice(0, 2);
  const columns: StepColumns = {
    stage: 'joint',
    steps: 10,
    step: Float64Array.from(steps, (event) => event.step),
    time: Float64Array.from(steps, (event) => event.time),
    values: Object.fromEntries(
      stepMetrics.map((name) => [name, Float64Array.from(steps, (event) => event[name] ?? NaN)]),
    ) as StepColumns['values'],
  };
  const snapshot = {
    series: [columns],
    events: events.slice(0, 5).filter((event) => event.kind !== 'step'),
    lastSeq: 4,
  } as unknown as RunSnapshot;
  const followed = applyEvents(runStateFromSnapshot(snapshot), events.slice(5));
  const whole = applyEvents(emptyRunState(), events);
  expect([...column(followed.series.joint!, 'loss')]).toEqual([2, 1.5, 1.25]);
  expect({ ...followed, series: {} }).toEqual({ ...whole, series: {}, markers: followed.markers });
  expect(followed.lastSeq).toBe(5);
});

test('a failure is remembered until the run starts again', () => {
  const error = { code: 'disk-full' as const, message: 'full', hint: 'free some' };
  const failed = applyEvents(emptyRunState(), numbered([{ kind: 'run-failed', error }]));
  expect(failed.error).toEqual(error);
  const again = applyEvents(
    failed,
    numbered([{ kind: 'run-started', resumed: true, version: '1', device: 'CPU', threads: 2 }], 1),
  );
  expect(again.error).toBeUndefined();
});
