/**
 * What a user should be told while a run still goes on, read off its events:
 *
 *   weak-caught-up     mixing enlarges the gradient by less than 2 % (mean of 20 joint steps): the weak
 *                      agent no longer adds mass on wrong tokens, and joint training is plain SFT
 *   strong-collapses   the strong model's own loss (mean of 20 steps) is twice its best such mean and
 *                      0.5 nats above it; or, it may go within a few steps, three times that of the
 *                      first step, which no update has touched, and 1 nat above it
 *   disk-nearly-full   less than two checkpoints of this run, or 1 GB, can still be written
 *
 * Each is told once in a stage; the disk again when it had room in between. A loss that is not finite
 * ends the run at once (engine/train/optimizer-step.ts) and needs no alarm.
 */
import type { EventBody, StepEvent } from '../contract/events.ts';

type Warning = EventBody & { kind: 'warning' };

const windowSteps = 20;
const leastAmplification = 1.02;
/** Against the best window; a single step's loss is noisier, and more is asked. */
const collapse = { factor: 2, nats: 0.5 };
const collapseFromFirst = { factor: 3, nats: 1 };
const leastFreeBytes = 1e9;

/** Give it every event of a run in turn; what it returns is to be emitted next. */
export function watchForAlarms(): (event: EventBody) => Warning[] {
  let amplifications: number[] = [];
  let losses: number[] = [];
  let firstLoss = Infinity;
  let bestLoss = Infinity;
  let told = new Set<string>();
  let checkpointBytes = 0;
  let diskIsLow = false;

  function startStage(): Warning[] {
    amplifications = [];
    losses = [];
    firstLoss = Infinity;
    bestLoss = Infinity;
    told = new Set();
    return [];
  }

  function once(code: string, message: string): Warning[] {
    if (told.has(code)) return [];
    told.add(code);
    return [{ kind: 'warning', code, message }];
  }

  function ofLoss({ stage, step, strongLoss, loss }: StepEvent): Warning[] {
    const own = strongLoss ?? loss;
    if (firstLoss === Infinity) firstLoss = own;
    losses = [...losses, own].slice(-windowSteps);
    if (losses.length < windowSteps) return [];
    const now = mean(losses);
    const before = Math.min(firstLoss, bestLoss);
    const collapsed =
      hasRisen(now, bestLoss, collapse) || hasRisen(now, firstLoss, collapseFromFirst);
    bestLoss = Math.min(bestLoss, now);
    if (!collapsed) return [];
    const remedy =
      stage === 'joint' ? 'a lower learning rate or a larger λ' : 'a lower learning rate';
    return once(
      'strong-collapses',
      `The strong model collapses: by step ${step} of ${stage} its own loss has risen from ${before.toFixed(3)} to ${now.toFixed(3)} (mean of ${windowSteps} steps). Stop, and try ${remedy}.`,
    );
  }

  function ofAmplification({ step, gradientAmplification }: StepEvent): Warning[] {
    if (gradientAmplification === undefined) return [];
    amplifications = [...amplifications, gradientAmplification].slice(-windowSteps);
    const now = mean(amplifications);
    if (amplifications.length < windowSteps || now >= leastAmplification) return [];
    return once(
      'weak-caught-up',
      `The weak agent has caught up: up to step ${step} the mixed gradient is ${now.toFixed(2)} times that of the strong model alone (mean of ${windowSteps} steps), so joint training does little more than SFT. Choose an earlier checkpoint as the weak agent, or keep it frozen.`,
    );
  }

  function ofDisk(freeBytes: number): Warning[] {
    const least = Math.max(2 * checkpointBytes, leastFreeBytes);
    const wasLow = diskIsLow;
    // 0: the system does not say.
    diskIsLow = freeBytes > 0 && freeBytes < least;
    if (!diskIsLow || wasLow) return [];
    const needs =
      checkpointBytes === 0 ? '' : `; a checkpoint of this run takes ${inBytes(checkpointBytes)}`;
    const message = `The disk is nearly full: ${inBytes(freeBytes)} free${needs}. Make room: a run that cannot save its checkpoint pauses.`;
    return [{ kind: 'warning', code: 'disk-nearly-full', message }];
  }

  return (event) => {
    switch (event.kind) {
      case 'stage-started':
        return startStage();
      case 'step':
        return [...ofLoss(event), ...ofAmplification(event)];
      case 'checkpoint':
        checkpointBytes = Math.max(checkpointBytes, event.bytes);
        return [];
      case 'memory':
        return ofDisk(event.diskFreeBytes);
      default:
        return [];
    }
  };
}

function hasRisen(now: number, from: number, by: { factor: number; nats: number }): boolean {
  return now > from * by.factor && now > from + by.nats;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function inBytes(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(0)} MB` : `${(count / 1e9).toFixed(1)} GB`;
}
