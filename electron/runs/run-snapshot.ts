/** What a window needs to show a run: its events, step events as columns, read from the log. */
import { join } from 'node:path';
import { stepMetrics } from '../../main/contract/runs.ts';
import type { RunSnapshot, RunSummary, StepColumns, StepMetric } from '../../main/contract/runs.ts';
import type { RunEvent, StageName } from '../../main/contract/events.ts';
import { readEvents } from '../../main/host/event-reader.ts';
import { readRunConfig } from '../../main/host/run-store.ts';

const keptOfMany = 200;

interface Growing {
  steps: number;
  step: number[];
  time: number[];
  values: Map<StepMetric, number[]>;
}

export async function readSnapshot(runFolder: string, summary: RunSummary): Promise<RunSnapshot> {
  const stages = new Map<StageName, Growing>();
  const others: RunEvent[] = [];
  let lastSeq = -1;
  for await (const event of readEvents(join(runFolder, 'events.jsonl'))) {
    lastSeq = event.seq;
    if (event.kind === 'step') addStep(stages, event);
    else others.push(event);
  }
  return {
    summary,
    config: readRunConfig(runFolder),
    directory: runFolder,
    series: [...stages].map(([stage, growing]) => columnsOf(stage, growing)),
    events: withoutTheMany(others),
    lastSeq,
  };
}

/** The first `limit` events after `after`. */
export async function readEventsAfter(
  runFolder: string,
  after: number,
  limit: number,
): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for await (const event of readEvents(join(runFolder, 'events.jsonl'), { fromSeq: after + 1 })) {
    events.push(event);
    if (events.length === limit) break;
  }
  return events;
}

function addStep(stages: Map<StageName, Growing>, event: RunEvent & { kind: 'step' }): void {
  let growing = stages.get(event.stage);
  if (growing === undefined) {
    growing = {
      steps: 0,
      step: [],
      time: [],
      values: new Map(stepMetrics.map((name) => [name, []])),
    };
    stages.set(event.stage, growing);
  }
  growing.steps = event.steps;
  growing.step.push(event.step);
  growing.time.push(event.time);
  for (const [name, values] of growing.values) values.push(event[name] ?? NaN);
}

function columnsOf(stage: StageName, { steps, step, time, values }: Growing): StepColumns {
  const columns = Object.fromEntries(
    [...values].map(([name, numbers]) => [name, Float64Array.from(numbers)]),
  ) as StepColumns['values'];
  return {
    stage,
    steps,
    step: Float64Array.from(step),
    time: Float64Array.from(time),
    values: columns,
  };
}

/** Of progress and memory events, of which there is no end, only the last ones. */
function withoutTheMany(events: RunEvent[]): RunEvent[] {
  const many = events.filter(isOneOfMany);
  const from = many[Math.max(0, many.length - keptOfMany)]?.seq ?? 0;
  return events.filter((event) => !isOneOfMany(event) || event.seq >= from);
}

function isOneOfMany({ kind }: RunEvent): boolean {
  return kind === 'stage-progress' || kind === 'memory';
}
