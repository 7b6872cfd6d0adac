/**
 * How fast this machine trains, from what earlier runs of the user measured here: tokens over seconds of
 * a stage's steps, without the few that took long because they compiled. Only runs count that did the
 * same work: a model of the same shape, the same device and threads, the same kind of training.
 * Nothing is guessed: without such a run there is no figure.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../contract/config.ts';
import type { StageName } from '../contract/events.ts';
import type { RunSummary } from '../contract/runs.ts';
import { readModelConfig } from '../engine/checkpoint/model-config.ts';
import { describeRuntime } from '../engine/runtime/describe-runtime.ts';
import { modelSource } from '../engine/train/model-source.ts';
import type { StepRates } from '../pipeline/plan.ts';
import { readEvents } from './event-reader.ts';
import { listRuns, readRunConfig } from './run-store.ts';

type Stage = StepRates['stages'][number];

/** Fewer steps are mostly compiling. */
const fewestSteps = 5;
const mostRuns = 20;

/** The newest run that measured joint training, or else the newest that measured anything. */
export async function measuredRates(root: string, config: RunConfig): Promise<StepRates | null> {
  const wanted = kindOfWork(config);
  const machine = machineName(config.device);
  let fallback: StepRates | null = null;
  for (const run of listRuns(root).slice(0, mostRuns)) {
    const folder = join(root, run.id);
    if (!isSameWork(folder, wanted)) continue;
    const measured = await ratesOf(folder);
    if (measured.machine !== machine || measured.stages.length === 0) continue;
    const rates = { stages: measured.stages, source: sourceText(run, machine) };
    if (rates.stages.some(({ stage }) => stage === 'joint')) return rates;
    fallback ??= rates;
  }
  return fallback;
}

/** What decides about the time of a token, as far as the config and the model's shape say it. */
function kindOfWork(config: RunConfig): string {
  const { lora, precision, batch, joint } = config;
  const { base } = modelSource(config.model);
  const { layers, hiddenSize, intermediateSize, heads, vocabularySize } = readModelConfig(base);
  const shape = [layers, hiddenSize, intermediateSize, heads, vocabularySize];
  const adapter = lora && [lora.rank, lora.targets];
  return JSON.stringify([shape, adapter, precision, batch.packing, joint.freezeWeak]);
}

function isSameWork(runFolder: string, wanted: string): boolean {
  try {
    return kindOfWork(readRunConfig(runFolder)) === wanted;
  } catch {
    // Its model may be gone by now.
    return false;
  }
}

function machineName(wanted: RunConfig['device']): string {
  const { gpu, processor } = describeRuntime();
  const usable = wanted !== 'cpu' && gpu !== null && !('refused' in gpu);
  const name = usable ? gpu.name : `CPU (${processor.model})`;
  return `${name}, ${processor.threads} threads`;
}

interface Measured {
  machine: string | null;
  stages: Stage[];
}

/** A finished log does not change, and a plan is asked for again at every change of a form. */
const known = new Map<string, Measured>();

async function ratesOf(runFolder: string): Promise<Measured> {
  const path = join(runFolder, 'events.jsonl');
  const status = statSync(path, { throwIfNoEntry: false });
  const key = `${path} ${status?.size} ${status?.mtimeMs}`;
  const measured = known.get(key) ?? (await measure(path));
  known.set(key, measured);
  return measured;
}

async function measure(path: string): Promise<Measured> {
  let machine: string | null = null;
  const steps = new Map<StageName, StepTime[]>();
  for await (const event of readEvents(path)) {
    if (event.kind === 'run-started') machine = `${event.device}, ${event.threads} threads`;
    if (event.kind !== 'step') continue;
    const list = steps.get(event.stage) ?? [];
    steps.set(event.stage, list);
    list.push({ tokens: event.tokens, seconds: event.seconds });
  }
  const stages = [...steps]
    .filter(([, times]) => times.length >= fewestSteps)
    .map(([stage, times]) => ({ stage, tokensPerSecond: speedOf(times), steps: times.length }));
  return { machine, stages };
}

interface StepTime {
  tokens: number;
  seconds: number;
}

/** A step that takes five times as long as the middle one did something else as well. */
function speedOf(times: readonly StepTime[]): number {
  const sorted = times.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const limit = 5 * sorted[Math.floor(sorted.length / 2)]!;
  const usual = times.filter(({ seconds }) => seconds <= limit);
  const sum = (of: (time: StepTime) => number): number =>
    usual.reduce((total, time) => total + of(time), 0);
  return sum(({ tokens }) => tokens) / sum(({ seconds }) => seconds);
}

function sourceText({ name }: RunSummary, machine: string): string {
  return `from the step times of the run ${name} on this machine (${machine}), whose model has the same shape`;
}
