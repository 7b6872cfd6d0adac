/** A study's stages in the places and with the wishes that ordinary stages know; their steps are kept as a curve. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConfigSchema, type RunConfig, type RunConfigInput } from '../../contract/config.ts';
import type { StepEvent } from '../../contract/events.ts';
import type { Study, StudyCurve } from '../../contract/study.ts';
import { writeFileAtomic } from '../atomic-file.ts';
import type { RunContext } from '../run-context.ts';
import { prepareRun, type RunSettings } from '../run-settings.ts';

export interface StudyHost {
  version: string;
  stopRequested(): boolean;
  /** A stage has taken a step, or is doing something else worth a line. */
  onStep(label: string, step: number, steps: number): void;
}

type Point = Pick<
  StepEvent,
  | 'stage'
  | 'step'
  | 'strongMargin'
  | 'strongEntropy'
  | 'strongNonTargetMass'
  | 'mixedNonTargetMass'
  | 'seconds'
> & { processor: number };

/** @param files data and held-out rows; absent held-out rows: nothing is measured at checkpoints */
export function studyConfig(
  study: Study,
  model: string,
  files: { data: string; heldOut?: string },
  seed: number,
  more: Partial<RunConfigInput>,
): RunConfig {
  const { optimizer, schedule, batch, maxNewTokens, sft } = study;
  return runConfigSchema.parse({
    model,
    data: { file: files.data },
    optimizer,
    schedule,
    batch,
    seed,
    device: 'cpu',
    sft: { steps: sft.steps },
    joint: { steps: study.steps },
    curriculum: { seed },
    checkpoints: { everySteps: sft.checkpointEvery, keep: 1000 },
    evaluation: { maxNewTokens, ...(files.heldOut && { heldOut: files.heldOut }) },
    ...more,
  });
}

export function studySettings(
  config: RunConfig,
  folder: string,
  label: string,
  host: StudyHost,
): RunSettings {
  mkdirSync(folder, { recursive: true });
  return prepareRun(config, contextOf(folder, label, host));
}

/** The same models, data and device in another folder, with another config. */
export function branch(
  trunk: RunSettings,
  config: RunConfig,
  folder: string,
  label: string,
  host: StudyHost,
): RunSettings {
  mkdirSync(folder, { recursive: true });
  return {
    ...trunk,
    config,
    context: contextOf(folder, label, host),
    stagesFolder: join(folder, 'stages'),
    // Historical checkpoints are the trunk's.
    checkpointFolder: (stage) =>
      stage === 'sft' ? trunk.checkpointFolder(stage) : join(folder, 'checkpoints', stage),
  };
}

function contextOf(folder: string, label: string, host: StudyHost): RunContext {
  const file = join(folder, 'curve.jsonl');
  let used = process.cpuUsage();
  const points = (): Point[] => readPoints(file);
  return {
    runFolder: folder,
    resumed: false,
    version: host.version,
    emit: (event) => {
      if (event.kind !== 'step') return;
      const { user, system } = process.cpuUsage(used);
      used = process.cpuUsage();
      const point = {
        stage: event.stage,
        step: event.step,
        strongMargin: event.strongMargin,
        strongEntropy: event.strongEntropy,
        strongNonTargetMass: event.strongNonTargetMass,
        mixedNonTargetMass: event.mixedNonTargetMass,
        seconds: event.seconds,
      };
      appendFileSync(file, `${JSON.stringify({ ...point, processor: (user + system) / 1e6 })}\n`);
      host.onStep(label, event.step, event.steps);
    },
    control: {
      stopRequested: () => host.stopRequested(),
      pauseRequested: () => false,
      cancelRequested: () => false,
      checkpointRequested: () => false,
    },
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    rewind: (stage, step) => {
      const kept = points().filter((point) => point.stage !== stage || point.step <= step);
      writeFileAtomic(file, kept.map((point) => `${JSON.stringify(point)}\n`).join(''), {
        durable: false,
      });
    },
    flushEvents: () => undefined,
  };
}

/** A line that a kill has torn is left out. */
function readPoints(file: string): Point[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Point];
      } catch {
        return [];
      }
    });
}

const longestCurve = 60;

/** What a folder's training has left: its cost, and its curve in at most 60 spans. */
export function readCurve(folder: string): {
  seconds: number;
  processorSeconds: number;
  steps: number;
  curve: StudyCurve;
} {
  const points = readPoints(join(folder, 'curve.jsonl'));
  const span = Math.max(1, Math.ceil(points.length / longestCurve));
  const curve: StudyCurve = { step: [], margin: [], entropy: [], nonTargetMass: [], mixedMass: [] };
  for (let first = 0; first < points.length; first += span) {
    const group = points.slice(first, first + span);
    const mean = (of: (point: Point) => number | undefined): number =>
      group.reduce((sum, point) => sum + (of(point) ?? 0), 0) / group.length;
    curve.step.push(group.at(-1)!.step);
    curve.margin.push(mean((point) => point.strongMargin));
    curve.entropy.push(mean((point) => point.strongEntropy));
    curve.nonTargetMass.push(mean((point) => point.strongNonTargetMass));
    if (group[0]!.mixedNonTargetMass !== undefined)
      curve.mixedMass.push(mean((point) => point.mixedNonTargetMass));
  }
  const sum = (of: (point: Point) => number): number =>
    points.reduce((total, point) => total + of(point), 0);
  // Compiling belongs to the first step of a process, not to the objective: medians times steps.
  const middle = (of: (point: Point) => number): number =>
    points.map(of).sort((a, b) => a - b)[Math.floor(points.length / 2)] ?? 0;
  return {
    seconds: sum((point) => point.seconds),
    processorSeconds: middle((point) => point.processor) * points.length,
    steps: points.length,
    curve,
  };
}
