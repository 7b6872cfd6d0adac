/** Which actions make sense for a run in a given state, and what they are called. */
import type { RequestName } from '../../main/contract/requests.ts';
import type { RunStatus } from '../../main/contract/runs.ts';

export type RunAction = Extract<
  RequestName,
  | 'runs.start'
  | 'runs.queue'
  | 'runs.pause'
  | 'runs.resume'
  | 'runs.stop'
  | 'runs.cancel'
  | 'runs.checkpoint'
>;

export const runActionLabels: Record<RunAction, string> = {
  'runs.start': 'Start',
  'runs.queue': 'Add to queue',
  'runs.pause': 'Pause',
  'runs.resume': 'Resume',
  'runs.stop': 'Stop and save',
  'runs.cancel': 'Cancel',
  'runs.checkpoint': 'Save a checkpoint now',
};

const actionsOf: Record<RunStatus, RunAction[]> = {
  created: ['runs.start', 'runs.queue'],
  queued: ['runs.start', 'runs.cancel'],
  running: ['runs.pause', 'runs.stop', 'runs.checkpoint', 'runs.cancel'],
  pausing: ['runs.cancel'],
  stopping: ['runs.cancel'],
  paused: ['runs.resume', 'runs.queue'],
  stopped: ['runs.resume', 'runs.queue'],
  interrupted: ['runs.resume', 'runs.queue'],
  failed: ['runs.resume', 'runs.queue'],
  finished: [],
};

export function possibleActions(status: RunStatus): RunAction[] {
  return actionsOf[status];
}

/** A run that holds the engine cannot be deleted. */
export function canBeDeleted(status: RunStatus): boolean {
  return status !== 'running' && status !== 'pausing' && status !== 'stopping';
}
