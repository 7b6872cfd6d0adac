/**
 * What a window knows about one run: a pure fold of its events. It starts from a snapshot and takes
 * later events in the order of `seq`; an event that is already known changes nothing, and a hole in
 * the numbers stops the fold (`missing`), so that the caller fetches what lies between.
 */
import { stageNames } from '../../main/contract/events.ts';
import type { EvaluationResult, RunEvent, StageName } from '../../main/contract/events.ts';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RunSnapshot } from '../../main/contract/runs.ts';
import { appendStep, emptySeries, seriesFromColumns } from './series.ts';
import type { Series } from './series.ts';

export interface StageState {
  status: 'waiting' | 'running' | 'done' | 'cached';
  title?: string;
  done?: number;
  total?: number;
  unit?: string;
  remaining?: number;
  seconds?: number;
  summary?: string;
}

export interface Checkpoint {
  stage: StageName;
  step: number;
  path: string;
  bytes: number;
  seconds: number;
  time: number;
}

export interface Marker {
  stage: StageName;
  step: number;
  kind: 'checkpoint' | 'resume' | 'evaluation' | 'pause' | 'warning';
  text: string;
}

export interface GeneratedSample {
  stage: StageName;
  step: number;
  prompt: string;
  text: string;
  expected?: string;
  time: number;
}

export interface LogLine {
  seq: number;
  time: number;
  level: 'info' | 'warning' | 'error';
  stage?: StageName;
  text: string;
}

export interface RunState {
  lastSeq: number;
  missing: boolean;
  stages: Record<StageName, StageState>;
  current?: StageName;
  series: Partial<Record<StageName, Series>>;
  checkpoints: Checkpoint[];
  evaluations: { stage: StageName; result: EvaluationResult }[];
  samples: GeneratedSample[];
  markers: Marker[];
  log: LogLine[];
  alarms: { code: string; message: string; time: number }[];
  memory?: { residentBytes: number; peakBytes: number; diskFreeBytes: number };
  device?: string;
  error?: ErrorDetails;
  seconds?: number;
}

export function emptyRunState(): RunState {
  const stages = Object.fromEntries(
    stageNames.map((name): [StageName, StageState] => [name, { status: 'waiting' }]),
  ) as RunState['stages'];
  return {
    lastSeq: -1,
    missing: false,
    stages,
    series: {},
    checkpoints: [],
    evaluations: [],
    samples: [],
    markers: [],
    log: [],
    alarms: [],
  };
}

export function runStateFromSnapshot(snapshot: RunSnapshot): RunState {
  let state = emptyRunState();
  for (const event of snapshot.events) state = applyKnown(state, event);
  const series: RunState['series'] = {};
  for (const columns of snapshot.series) series[columns.stage] = seriesFromColumns(columns);
  return { ...state, series, lastSeq: snapshot.lastSeq };
}

export function applyEvents(state: RunState, events: RunEvent[]): RunState {
  let next = state;
  for (const event of events) {
    if (event.seq <= next.lastSeq) continue;
    if (event.seq > next.lastSeq + 1) return next.missing ? next : { ...next, missing: true };
    next = { ...applyKnown(next, event), lastSeq: event.seq, missing: false };
  }
  return next;
}

function lastStep(state: RunState, stage: StageName): number {
  const series = state.series[stage];
  return series === undefined || series.length === 0 ? 0 : (series.step[series.length - 1] ?? 0);
}

function withLog(
  state: RunState,
  event: RunEvent,
  text: string,
  level: LogLine['level'] = 'info',
): RunState {
  const stage = 'stage' in event ? event.stage : state.current;
  const line: LogLine = { seq: event.seq, time: event.time, level, text };
  if (stage !== undefined) line.stage = stage;
  return { ...state, log: [...state.log, line] };
}

function withStage(state: RunState, name: StageName, change: StageState): RunState {
  return { ...state, stages: { ...state.stages, [name]: { ...state.stages[name], ...change } } };
}

function withMarker(state: RunState, kind: Marker['kind'], text: string): RunState {
  const stage = state.current;
  if (stage === undefined) return state;
  const step = lastStep(state, stage);
  return { ...state, markers: [...state.markers, { stage, step, kind, text }] };
}

function applyKnown(state: RunState, event: RunEvent): RunState {
  switch (event.kind) {
    case 'run-started': {
      const { error: _error, ...rest } = state;
      const next: RunState = { ...rest, device: event.device };
      const what = event.resumed ? 'Resumed' : 'Started';
      const text = `${what} on ${event.device}, ${event.threads} threads (version ${event.version})`;
      return withLog(event.resumed ? withMarker(next, 'resume', 'Resumed') : next, event, text);
    }
    case 'stage-started':
      return withLog(
        withStage({ ...state, current: event.stage }, event.stage, {
          status: 'running',
          title: event.title,
        }),
        event,
        event.title,
      );
    case 'stage-progress': {
      const { done, total, unit } = event;
      const { remaining: _old, ...before } = state.stages[event.stage];
      const now: StageState = { ...before, status: 'running', done, total, unit };
      if (event.remaining !== undefined) now.remaining = event.remaining;
      return {
        ...state,
        current: event.stage,
        stages: { ...state.stages, [event.stage]: now },
      };
    }
    case 'stage-finished':
      return withLog(
        withStage(state, event.stage, {
          status: event.cached ? 'cached' : 'done',
          seconds: event.seconds,
          summary: event.summary,
        }),
        event,
        event.summary,
      );
    case 'step': {
      const before = state.series[event.stage] ?? emptySeries();
      const series = { ...state.series, [event.stage]: appendStep(before, event, event.time) };
      return { ...state, current: event.stage, series };
    }
    case 'checkpoint': {
      const { stage, step, path, bytes, seconds, time } = event;
      const others = state.checkpoints.filter((saved) => saved.path !== path);
      return withLog(
        {
          ...state,
          checkpoints: [...others, { stage, step, path, bytes, seconds, time }],
          markers: [...state.markers, { stage, step, kind: 'checkpoint', text: 'Checkpoint' }],
        },
        event,
        `Checkpoint of step ${step} saved to ${path}`,
      );
    }
    case 'checkpoint-removed':
      return {
        ...state,
        checkpoints: state.checkpoints.filter((saved) => saved.path !== event.path),
      };
    case 'evaluation': {
      const kept = state.evaluations.filter((known) => known.result.model !== event.result.model);
      const next = {
        ...state,
        evaluations: [...kept, { stage: event.stage, result: event.result }],
      };
      const { model, loss, accuracy, items } = event.result;
      const score = accuracy === undefined ? '' : `, ${(accuracy * 100).toFixed(1)} % correct`;
      const text = `${model}: held-out loss ${loss.toPrecision(4)}${score} (n ${items})`;
      return withLog(withMarker(next, 'evaluation', text), event, text);
    }
    case 'sample': {
      const { stage, step, prompt, text, time } = event;
      const sample: GeneratedSample = { stage, step, prompt, text, time };
      if (event.expected !== undefined) sample.expected = event.expected;
      return { ...state, samples: [...state.samples, sample] };
    }
    case 'memory': {
      const { residentBytes, peakBytes, diskFreeBytes } = event;
      return { ...state, memory: { residentBytes, peakBytes, diskFreeBytes } };
    }
    case 'warning': {
      const alarm = { code: event.code, message: event.message, time: event.time };
      const others = state.alarms.filter((known) => known.code !== event.code);
      return withLog({ ...state, alarms: [...others, alarm] }, event, event.message, 'warning');
    }
    case 'run-paused':
      return withLog(withMarker(state, 'pause', event.reason), event, `Paused: ${event.reason}`);
    case 'run-stopped':
      return withLog(state, event, `Stopped after step ${event.step}`);
    case 'run-failed':
      return withLog({ ...state, error: event.error }, event, event.error.message, 'error');
    case 'run-finished': {
      const { current: _current, ...rest } = state;
      return withLog({ ...rest, seconds: event.seconds }, event, 'Finished');
    }
  }
}
