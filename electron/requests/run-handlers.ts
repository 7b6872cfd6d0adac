/** Runs as a whole: make, start, queue, stop, delete. */
import { shell } from 'electron';
import { basename } from 'node:path';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { checkConfigFiles, checkRunConfig } from '../../main/host/config-check.ts';
import { createRun, deleteRun, readRunConfig, renameRun } from '../../main/host/run-store.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names =
  | 'runs.list'
  | 'runs.create'
  | 'runs.start'
  | 'runs.queue'
  | 'runs.pause'
  | 'runs.resume'
  | 'runs.stop'
  | 'runs.cancel'
  | 'runs.checkpoint'
  | 'runs.delete'
  | 'runs.rename'
  | 'runs.duplicate'
  | 'runs.reveal';

export function runHandlers({ host }: HandlerParts): HandlersFor<Names> {
  return {
    'runs.list': () => host.list(),
    'runs.create': ({ config, start }) => {
      const checked = checkRunConfig(config, 'The configuration');
      checkConfigFiles(checked);
      const runId = basename(createRun(host.root(), checked));
      host.refresh();
      if (start === 'later') return host.summary(runId);
      return start === 'now' && host.active() === null ? host.start(runId) : host.enqueue(runId);
    },
    'runs.start': ({ runId }) => host.start(runId),
    'runs.queue': ({ runId }) => host.enqueue(runId),
    'runs.pause': ({ runId }) => host.wish(runId, 'pause'),
    'runs.resume': ({ runId }) => host.start(runId),
    'runs.stop': ({ runId }) => host.wish(runId, 'stop'),
    'runs.cancel': ({ runId }) => host.cancel(runId),
    'runs.checkpoint': ({ runId }) => host.wish(runId, 'checkpoint'),
    'runs.delete': ({ runId }) => {
      deleteRun(host.folder(runId));
      host.refresh();
      return null;
    },
    'runs.rename': ({ runId, name }) => {
      renameRun(host.folder(runId), name);
      host.refresh();
      return host.summary(runId);
    },
    'runs.duplicate': ({ runId }) => {
      const { name } = host.summary(runId);
      return { ...readRunConfig(host.folder(runId)), name: `${name.slice(0, 75)} copy` };
    },
    'runs.reveal': ({ runId }) => {
      shell.showItemInFolder(host.folder(runId));
      return null;
    },
  };
}
