/**
 * Which model is the weak agent: the base, a historical checkpoint of this run's SFT, or any model of
 * the same vocabulary.
 */
import { join } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import { listCheckpoints } from '../engine/checkpoint/checkpoint-history.ts';
import { verifyCheckpoint } from '../engine/checkpoint/checkpoint-manifest.ts';
import { modelSource, type ModelSource } from '../engine/train/model-source.ts';
import type { RunSettings } from './run-settings.ts';
import type { TrainedModel } from './training-stage.ts';

export function weakAgent(run: RunSettings): ModelSource {
  const { weak } = run.config;
  if (weak === 'base') return run.base;
  const step = /^checkpoint:(\d+)$/.exec(weak)?.[1];
  if (step === undefined) return modelSource(weak, run.base.base);
  const folder = run.checkpointFolder('sft');
  const found = listCheckpoints(folder).found.find(
    (checkpoint) => checkpoint.step === Number(step),
  );
  if (!found) {
    const kept = listCheckpoints(folder).found.map((checkpoint) => checkpoint.step);
    throw new StudioError(
      'config-invalid',
      `weak: there is no historical checkpoint of step ${step} in ${folder}.`,
      `Kept are the steps ${kept.reverse().join(', ')}; choose one of them.`,
    );
  }
  verifyCheckpoint(found.path);
  return modelSource(found.path, run.base.base);
}

/** The kept SFT checkpoint nearest to half of its steps. */
export function middleCheckpoint(run: RunSettings, sft: TrainedModel): ModelSource {
  const folder = run.checkpointFolder('sft');
  const distance = (step: number): number => Math.abs(step - sft.steps / 2);
  const [nearest] = listCheckpoints(folder).found.sort(
    (a, b) => distance(a.step) - distance(b.step),
  );
  return modelSource(nearest?.path ?? join(folder, `step-${sft.steps}`), run.base.base);
}
