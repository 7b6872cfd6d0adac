/**
 * Hosts runs: one at a time in the engine, others in the queue, runs of other processes (`wds`) by
 * their files. What it knows beyond the runs' own files is little: who is active, who waits, and
 * why an engine died.
 */
import { appendFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StudioError, toErrorDetails } from '../../main/contract/errors.ts';
import type { ErrorDetails } from '../../main/contract/errors.ts';
import type { RunSummary } from '../../main/contract/runs.ts';
import { requestFromOwner } from '../../main/host/control-file.ts';
import type { Wish } from '../../main/host/control-file.ts';
import { openQueue } from '../../main/host/queue.ts';
import { findRun, listRuns, readRunSummary } from '../../main/host/run-store.ts';
import type { Engine } from '../engine/engine-process.ts';
import type { Publish } from '../ipc/publish.ts';
import type { SettingsStore } from '../settings.ts';
import { followFiles } from './follow-files.ts';

const refreshInterval = 1000;
const followInterval = 250;

export interface RunHost {
  root(): string;
  folder(runId: string): string;
  list(): RunSummary[];
  summary(runId: string): RunSummary;
  /** Starts or goes on with a run; refused while another is in work. */
  start(runId: string): RunSummary;
  enqueue(runId: string): RunSummary;
  wish(runId: string, wish: Wish): RunSummary;
  /** Out of the queue, or ended without saving. */
  cancel(runId: string): RunSummary;
  stopAndWait(runId: string): Promise<void>;
  idle(): Promise<void>;
  active(): string | null;
  onEnd(listener: (run: RunSummary) => void): void;
  /** From now on windows get the events that other processes write into this run. */
  follow(runId: string): void;
  /** Tells windows that the list has changed. */
  refresh(): void;
}

interface Parts {
  engine: Engine;
  publish: Publish;
  settings: SettingsStore;
}

export function createRunHost({ engine, publish, settings }: Parts): RunHost {
  const root = (): string => settings.runsDirectory();
  const crashes = new Map<string, ErrorDetails>();
  const endListeners = new Set<(run: RunSummary) => void>();
  let active: { runId: string; ended: Promise<void> } | null = null;
  let shown = '';
  const queue = openQueue({
    path: join(dirname(settings.path), 'queue.json'),
    startRun: async (runId) => {
      while (active !== null) await active.ended;
      await launch(runId);
    },
    onChange: refresh,
    onFailure: (runId, error) => void crashes.set(runId, toErrorDetails(error)),
  });

  engine.onEvents((runId, events) => publish('events', { runId, events }));
  engine.onRewound((runId) => publish('rewound', { runId }));
  setInterval(publishIfChanged, refreshInterval).unref();
  const files = followFiles({
    onEvents: (runId, events) => publish('events', { runId, events }),
    onRewound: (runId) => publish('rewound', { runId }),
    isOwn: (runId) => active?.runId === runId,
  });
  setInterval(() => files.poll(), followInterval).unref();

  const folder = (runId: string): string => findRun(root(), runId);

  function withHostState(summary: RunSummary): RunSummary {
    const position = queue.waiting.indexOf(summary.id);
    if (position >= 0) return { ...summary, status: 'queued', queuePosition: position + 1 };
    const error = crashes.get(summary.id);
    return error === undefined ? summary : { ...summary, error };
  }
  const list = (): RunSummary[] => listRuns(root()).map(withHostState);
  const summary = (runId: string): RunSummary => withHostState(readRunSummary(folder(runId)));

  function publishIfChanged(): void {
    const runs = list();
    const text = JSON.stringify(runs);
    if (text === shown) return;
    shown = text;
    publish('runs', runs);
  }
  function refresh(): void {
    // Inside `openQueue` the host is not complete yet.
    setImmediate(publishIfChanged);
  }

  function launch(runId: string): Promise<void> {
    const runFolder = folder(runId);
    crashes.delete(runId);
    const log = join(runFolder, 'engine.log');
    const ended = engine
      .run(runFolder, (text) => appendFileSync(log, text))
      .then(
        () => undefined,
        (error: unknown) => {
          const details = toErrorDetails(error);
          crashes.set(runId, details);
          appendFileSync(log, `${new Date().toISOString()} ${details.message}\n`);
        },
      )
      .then(() => {
        active = null;
        refresh();
        const run = summary(runId);
        for (const listener of endListeners) listener(run);
      });
    active = { runId, ended };
    refresh();
    return ended;
  }

  return {
    root,
    folder,
    list,
    summary,
    refresh,
    follow: (runId) => files.watch(runId, folder(runId)),
    active: () => active?.runId ?? null,
    onEnd: (listener) => void endListeners.add(listener),
    start(runId) {
      if (active !== null) {
        const other = basename(folder(active.runId));
        throw new StudioError(
          'run-locked',
          `The run ${other} is in work.`,
          'Wait for it, or add this one to the queue.',
        );
      }
      queue.remove(runId);
      void launch(runId);
      return summary(runId);
    },
    enqueue(runId) {
      folder(runId);
      queue.add(runId);
      queue.start();
      return summary(runId);
    },
    wish(runId, wish) {
      if (active?.runId === runId) engine.wish(wish);
      else requestFromOwner(folder(runId), wish);
      refresh();
      return summary(runId);
    },
    cancel(runId) {
      if (queue.waiting.includes(runId)) queue.remove(runId);
      else return this.wish(runId, 'cancel');
      return summary(runId);
    },
    async stopAndWait(runId) {
      queue.hold();
      if (active?.runId !== runId) return;
      engine.wish('stop');
      await active.ended;
    },
    async idle() {
      while (active !== null) await active.ended;
      await queue.idle();
    },
  };
}
