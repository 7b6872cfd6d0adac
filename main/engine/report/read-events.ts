/**
 * The event log folded into what a report needs, line by line, so that 100,000 steps cost their columns
 * and nothing more. A line that is no event (a torn end, a damaged disk) is counted and left out. The
 * hash covers the lines that were read: `head -n EVENTS events.jsonl | sha256sum` gives it again.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import type { EvaluationResult, RunEvent, StageName } from '../../contract/events.ts';
import type { ErrorDetails } from '../../contract/errors.ts';
import type { ReportedRun, ReportedStage } from '../../contract/report.ts';
import { unreadableFile } from '../checkpoint/read-json-file.ts';
import type { StepColumns } from './step-curves.ts';
import { addStep, emptyColumns } from './step-curves.ts';

export interface EventFacts {
  lines: number;
  unreadable: number;
  sha256: string;
  status: ReportedRun['status'];
  started?: number;
  ended?: number;
  resumes: number;
  error?: ErrorDetails;
  programs: { version: string; device: string; threads: number }[];
  stages: Map<StageName, ReportedStage>;
  training: Map<StageName, StepColumns>;
  checkpoints: { stage: StageName; step: number; bytes: number; removed: boolean }[];
  /** By the name the event gives, e.g. `sft step 200`. */
  evaluations: Map<string, EvaluationResult>;
  warnings: Map<string, { code: string; message: string; times: number }>;
  peakMemoryBytes?: number;
}

/** @throws file-unreadable; a log that is not there yet is an empty one */
export async function readEventFacts(path: string): Promise<EventFacts> {
  const facts: EventFacts = {
    lines: 0,
    unreadable: 0,
    sha256: '',
    status: 'created',
    resumes: 0,
    programs: [],
    stages: new Map(),
    training: new Map(),
    checkpoints: [],
    evaluations: new Map(),
    warnings: new Map(),
  };
  const hash = createHash('sha256');
  for await (const line of linesOf(path)) {
    hash.update(line).update('\n');
    facts.lines++;
    try {
      fold(facts, JSON.parse(line.toString('utf8')) as RunEvent);
    } catch {
      facts.unreadable++;
    }
  }
  facts.sha256 = hash.digest('hex');
  return facts;
}

/** Complete lines; a last one without its end is not there yet. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  if (!existsSync(path)) return;
  let rest: Buffer[] = [];
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 1 << 18 })) {
      const bytes = piece as Buffer;
      let begin = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        const tail = bytes.subarray(begin, end);
        yield rest.length === 0 ? tail : Buffer.concat([...rest, tail]);
        rest = [];
        begin = end + 1;
      }
      if (begin < bytes.length) rest.push(bytes.subarray(begin));
    }
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

function fold(facts: EventFacts, event: RunEvent): void {
  if (typeof event.time === 'number') {
    facts.started ??= event.time;
    facts.ended = event.time;
  }
  switch (event.kind) {
    case 'run-started': {
      const { version, device, threads, resumed } = event;
      const program = { version, device, threads };
      const known = facts.programs.map((other) => JSON.stringify(other));
      if (!known.includes(JSON.stringify(program))) facts.programs.push(program);
      if (resumed) facts.resumes++;
      facts.status = 'running';
      delete facts.error;
      break;
    }
    case 'stage-started':
    case 'stage-finished':
      foldStage(facts, event);
      break;
    case 'step': {
      const columns = facts.training.get(event.stage) ?? emptyColumns(event.stage);
      facts.training.set(event.stage, columns);
      addStep(columns, event);
      break;
    }
    case 'checkpoint':
    case 'checkpoint-removed':
      foldCheckpoint(facts, event);
      break;
    case 'evaluation':
      facts.evaluations.set(event.result.model, event.result);
      break;
    case 'memory':
      facts.peakMemoryBytes = Math.max(facts.peakMemoryBytes ?? 0, event.peakBytes);
      break;
    case 'warning': {
      const { code, message } = event;
      const key = JSON.stringify([code, message]);
      const times = (facts.warnings.get(key)?.times ?? 0) + 1;
      facts.warnings.set(key, { code, message, times });
      break;
    }
    case 'run-paused':
      facts.status = 'paused';
      break;
    case 'run-stopped':
      facts.status = 'stopped';
      break;
    case 'run-failed':
      facts.status = 'failed';
      facts.error = event.error;
      break;
    case 'run-finished':
      facts.status = 'finished';
      break;
    default:
      break;
  }
}

function foldStage(
  facts: EventFacts,
  event: RunEvent & { kind: 'stage-started' | 'stage-finished' },
): void {
  const { stage } = event;
  const known = facts.stages.get(stage);
  if (event.kind === 'stage-started') {
    const { title } = event;
    facts.stages.set(stage, {
      stage,
      title,
      state: 'begun',
      seconds: known?.seconds ?? 0,
      summary: known?.summary ?? '',
    });
    // The report is the last stage: while it is being written, the run's work is done.
    if (stage === 'report') facts.status = 'finished';
    return;
  }
  const seconds = event.cached ? (known?.seconds ?? 0) : event.seconds;
  const title = known?.title ?? stage;
  facts.stages.set(stage, { stage, title, state: 'done', seconds, summary: event.summary });
}

function foldCheckpoint(
  facts: EventFacts,
  event: RunEvent & { kind: 'checkpoint' | 'checkpoint-removed' },
): void {
  const { stage, step } = event;
  const same = (other: { stage: StageName; step: number }) =>
    other.stage === stage && other.step === step;
  if (event.kind === 'checkpoint-removed') {
    for (const known of facts.checkpoints.filter(same)) known.removed = true;
    return;
  }
  facts.checkpoints = facts.checkpoints.filter((other) => !same(other));
  facts.checkpoints.push({ stage, step, bytes: event.bytes, removed: false });
}
