/**
 * `status.json`: what lists of runs show, folded from the events and rewritten at most twice a
 * second by the run's owner, so that a list of 500 runs reads 500 small files. It repeats the event
 * log: lost or damaged, it is made again from config.json and the log's last events.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RunConfig } from '../contract/config.ts';
import type { RunEvent } from '../contract/events.ts';
import type { RunSummary } from '../contract/runs.ts';
import { writeJsonAtomic } from '../pipeline/atomic-file.ts';
import { readLastEvents } from './event-reader.ts';

export interface RunRecord {
  summary: RunSummary;
  lastSeq: number;
  /** Every how many steps a loss enters `summary.recentLosses`; doubles when that is full. */
  lossStride: number;
  /** Seconds in work, over all its processes. */
  activeSeconds: number;
}

const fileName = 'status.json';
const sparklinePoints = 64;

export function newRunRecord(id: string, config: RunConfig, created: number): RunRecord {
  const summary: RunSummary = {
    id,
    name: config.name ?? id,
    status: 'created',
    created,
    recentLosses: [],
    model: config.model,
    weak: config.weak,
    dataFile: config.data.file,
    results: [],
    bytes: 0,
    hasEntropies: false,
    hasWeights: false,
  };
  return { summary, lastSeq: -1, lossStride: 1, activeSeconds: 0 };
}

/** The record after one more event; status changes are the session's. */
export function advanceRecord(record: RunRecord, event: RunEvent): void {
  const { summary } = record;
  record.lastSeq = event.seq;
  switch (event.kind) {
    case 'run-started':
      summary.started ??= event.time;
      delete summary.ended;
      delete summary.error;
      break;
    case 'stage-started':
      summary.stage = event.stage;
      delete summary.step;
      delete summary.steps;
      break;
    case 'step':
      advanceLosses(record, event);
      summary.stage = event.stage;
      summary.step = event.step;
      summary.steps = event.steps;
      summary.loss = event.loss;
      break;
    case 'stage-finished':
      if (event.stage === 'entropy-1') summary.hasEntropies = true;
      if (event.stage === 'curriculum') summary.hasWeights = true;
      break;
    case 'evaluation':
      summary.results = [
        ...summary.results.filter((result) => result.model !== event.result.model),
        event.result,
      ];
      break;
    case 'run-failed':
      summary.error = event.error;
      summary.ended = event.time;
      break;
    case 'run-finished':
    case 'run-stopped':
      summary.ended = event.time;
      break;
    default:
      break;
  }
}

function advanceLosses(record: RunRecord, event: RunEvent & { kind: 'step' }): void {
  const { summary } = record;
  if (event.step === 1 || summary.stage !== event.stage) {
    summary.recentLosses = [];
    record.lossStride = 1;
  }
  if (event.step % record.lossStride !== 0) return;
  summary.recentLosses.push(event.loss);
  if (summary.recentLosses.length <= sparklinePoints) return;
  record.lossStride *= 2;
  summary.recentLosses = summary.recentLosses.filter((_, index) => index % 2 === 1);
}

export function writeRunRecord(runFolder: string, record: RunRecord): void {
  writeJsonAtomic(join(runFolder, fileName), record, { durable: false });
}

/** Made anew where the file is missing or damaged. */
export function readRunRecord(runFolder: string, config: () => RunConfig): RunRecord {
  try {
    const record = JSON.parse(readFileSync(join(runFolder, fileName), 'utf8')) as RunRecord;
    if (typeof record.summary.status === 'string') return record;
  } catch {
    // Missing or damaged: the log knows.
  }
  return restoreRecord(runFolder, config());
}

const endings: Partial<Record<RunEvent['kind'], RunSummary['status']>> = {
  'run-finished': 'finished',
  'run-failed': 'failed',
  'run-stopped': 'stopped',
  'run-paused': 'paused',
};

function restoreRecord(runFolder: string, config: RunConfig): RunRecord {
  const created = statSync(join(runFolder, 'config.json')).mtimeMs;
  const record = newRunRecord(basename(runFolder), config, created);
  const events = readLastEvents(join(runFolder, 'events.jsonl'));
  for (const event of events) {
    advanceRecord(record, event);
    record.summary.status = endings[event.kind] ?? 'running';
  }
  return record;
}
