/**
 * Keeps the strong model: the joint checkpoint's model files without what only training needs, as a
 * folder that transformers (or PEFT) loads. Files are linked, not copied, where the disk allows it.
 */
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { ModelSource } from '../engine/train/model-source.ts';
import { modelFingerprint } from './model-fingerprint.ts';
import type { RunSettings } from './run-settings.ts';
import { runStage } from './stage.ts';
import type { TrainedModel } from './training-stage.ts';

const trainingOnly = new Set(['optimizer.safetensors', 'state.json', 'manifest.json']);

export async function extractStage(run: RunSettings, joint: TrainedModel): Promise<ModelSource> {
  const { base, adapter } = joint.model;
  const source = adapter ?? base;
  const folder = join(run.stagesFolder, 'extract', 'model');
  await runStage({
    name: 'extract',
    title: 'Keeping the strong model',
    stagesFolder: run.stagesFolder,
    emit: run.context.emit,
    inputs: { model: modelFingerprint(joint.model) },
    run: async () => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      const files = readdirSync(source).filter((name) => !trainingOnly.has(name));
      for (const name of files) linkOrCopy(join(source, name), join(folder, name));
      return {
        artifact: { folder: 'model', files },
        summary: `${files.length} files in ${folder}`,
      };
    },
  });
  linkFolder(folder, join(run.context.runFolder, 'model'));
  return adapter ? { base, adapter: folder } : { base: folder, adapter: null };
}

/** `model` beside the stages, for people; where links cannot be made the stage's folder remains. */
function linkFolder(target: string, link: string): void {
  try {
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), target), link, 'dir');
  } catch {
    return;
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
