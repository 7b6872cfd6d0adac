/**
 * Hosts evaluations: a list of what is to be done, worked on one at a time in the engine. Runs come
 * first: an evaluation waits for the one in work, and makes room for one that starts. The list survives a restart; finished generations lie in each evaluation's own
 * folder, so whatever was interrupted goes on where it was.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StudioError, toErrorDetails } from '../../main/contract/errors.ts';
import type { EvaluationJob, Evaluations } from '../../main/contract/evaluation-jobs.ts';
import type { EvaluationProgress, EvaluationRequest } from '../../main/contract/evaluation.ts';
import { writeJsonAtomic } from '../../main/pipeline/atomic-file.ts';
import type { Engine } from '../engine/engine-process.ts';
import type { Publish } from '../ipc/publish.ts';
import type { SettingsStore } from '../settings.ts';
import { listFinished } from './finished-evaluations.ts';
import type { RunHost } from './run-host.ts';

export interface EvaluationHost {
  list(): Evaluations;
  start(requests: EvaluationRequest[]): void;
  stop(id: string): void;
  /** Goes on with one that was stopped or failed. */
  resume(id: string): void;
  /** Out of the list; what is finished of it stays on disk. */
  remove(id: string): void;
}

interface Parts {
  engine: Engine;
  host: RunHost;
  publish: Publish;
  settings: SettingsStore;
}

export function createEvaluationHost({ engine, host, publish, settings }: Parts): EvaluationHost {
  const file = join(dirname(settings.path), 'evaluations.json');
  let jobs = readJobs(file);
  let working: { id: string; stop: AbortController } | null = null;
  let isBusy = false;

  const list = (): Evaluations => ({ jobs, finished: listFinished() });
  const job = (id: string): EvaluationJob => {
    const found = jobs.find((each) => each.id === id);
    if (found !== undefined) return found;
    throw new StudioError(
      'run-missing',
      'This evaluation is not in the list any more.',
      'Start it again.',
    );
  };
  function changed(): void {
    writeJsonAtomic(
      file,
      jobs.map(({ id, request }) => ({ id, request })),
      { durable: false },
    );
    publish('evaluations', list());
  }
  function change(id: string, part: Partial<EvaluationJob>): void {
    jobs = jobs.map((each) => (each.id === id ? { ...each, ...part } : each));
    publish('evaluations', list());
  }

  /** Until nothing waits any more; what is added meanwhile is found, too. */
  async function work(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      for (;;) {
        await host.idle();
        const next = jobs.find(({ status }) => status === 'waiting');
        if (next === undefined) return;
        await evaluate(next);
        changed();
      }
    } finally {
      isBusy = false;
    }
  }

  async function evaluate({ id, request }: EvaluationJob): Promise<void> {
    const stop = new AbortController();
    let madeRoom = false;
    working = { id, stop };
    change(id, { status: 'running' });
    try {
      await engine.compute('evaluate', request, {
        signal: stop.signal,
        onProgress(value) {
          change(id, asPart(value as EvaluationProgress));
          if (host.active() === null || stop.signal.aborted) return;
          madeRoom = true;
          stop.abort();
        },
      });
      jobs = jobs.filter((each) => each.id !== id);
    } catch (error) {
      const details = toErrorDetails(error);
      const isStopped = details.code === 'stopped';
      change(id, {
        status: isStopped ? (madeRoom ? 'waiting' : 'stopped') : 'failed',
        ...(!isStopped && { error: details }),
      });
    }
    working = null;
  }

  return {
    list,
    start(requests) {
      const added = requests.map((request): EvaluationJob => ({
        id: randomUUID(),
        request,
        status: 'waiting',
      }));
      jobs = [...jobs, ...added];
      changed();
      void work();
    },
    stop(id) {
      if (working?.id === id) {
        change(id, { status: 'stopping' });
        working.stop.abort();
      } else if (job(id).status === 'waiting') {
        change(id, { status: 'stopped' });
      }
    },
    resume(id) {
      if (working?.id === id) return;
      const { error: _error, ...rest } = job(id);
      jobs = [...jobs.filter((each) => each.id !== id), { ...rest, status: 'waiting' }];
      changed();
      void work();
    },
    remove(id) {
      this.stop(id);
      if (working?.id !== id) jobs = jobs.filter((each) => each.id !== id);
      changed();
    },
  };
}

function asPart(progress: EvaluationProgress): Partial<EvaluationJob> {
  if (progress.kind === 'evaluation-started') return { started: progress };
  return progress.kind === 'evaluation-progress' ? { progress } : {};
}

/** What the app was closed over waits for the user: it does not start by itself. */
function readJobs(file: string): EvaluationJob[] {
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as Pick<EvaluationJob, 'id' | 'request'>[];
    return kept.map(({ id, request }) => ({ id, request, status: 'stopped' }));
  } catch {
    return [];
  }
}
