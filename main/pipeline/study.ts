/**
 * A study, whole (contract/study.ts): for every block a base, for every seed SFT from it, then each arm from
 * there. What an arm has answered is kept as one small file, named by everything that it depends on; a
 * study that was stopped or killed goes on with what is missing. Arms' models are removed when their seed
 * is done: the numbers are what a study is for. SFT's models stay, for other blocks of the same task.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../contract/errors.ts';
import type { Study, StudyBlock, StudyModel } from '../contract/study.ts';
import { evaluateHeldOut } from '../engine/eval/held-out.ts';
import { modelShapes } from '../engine/model/model-shapes.ts';
import type { ModelSource } from '../engine/train/model-source.ts';
import { writeJsonAtomic } from './atomic-file.ts';
import { hashJson } from './hash.ts';
import { readCurve, type StudyHost } from './study/study-context.ts';
import { taskFiles, trunkId } from './study/study-data.ts';
import { trainArm, trainBase, trainTrunk, type Start, type Trunk } from './study/study-models.ts';

export async function runStudy(
  study: Study,
  folder: string,
  host: StudyHost & StudyProgress,
): Promise<void> {
  checkNames(study);
  mkdirSync(join(folder, 'models'), { recursive: true });
  for (const block of study.blocks) {
    const files = taskFiles(study, block.task, folder);
    let base: string | null = null;
    for (const seed of block.seeds) {
      const wanted = modelsOf(block, seed).filter(
        (arm) => readModel(study, block, arm, seed, folder) === null,
      );
      if (wanted.length > 0) {
        base ??= await trainBase(study, block, files, folder, host);
        const place = join(folder, 'work', trunkId(study, block), `seed-${seed}`);
        const trunk = await trainTrunk(study, block, base, files, seed, place, host);
        const starts = new Map<string, Start>([['sft', trunk]]);
        const finish = async (
          arm: string,
          model: ModelSource,
          own: string | null,
        ): Promise<void> => {
          if (!wanted.includes(arm)) return;
          const stored = { arm, seed, ...(await measure(trunk, arm, model, own, host)) };
          writeJsonAtomic(modelFile(study, block, arm, seed, folder), stored);
          host.onModel(block, seed, arm);
        };
        await finish('base', trunk.run.base, null);
        await finish('sft', trunk.model, join(place, 'sft'));
        for (const name of block.arms.filter((arm) => isNeeded(study, arm, wanted))) {
          const label = `${block.title}, seed ${seed}, ${study.arms[name]!.title}`;
          const own = join(place, modelId(study, block, name, seed));
          const arm = await trainArm(study, study.arms[name]!, label, own, trunk, starts, host);
          starts.set(name, arm);
          await finish(name, arm.model, own);
        }
        for (const arm of block.arms) {
          rmSync(join(place, modelId(study, block, arm, seed)), { recursive: true, force: true });
        }
      }
    }
  }
}

export interface StudyProgress {
  onModel(block: StudyBlock, seed: number, arm: string): void;
}

/** The base is the same for all seeds: it is measured with the first. */
export function modelsOf(block: StudyBlock, seed: number): string[] {
  return [...(seed === block.seeds[0] ? ['base'] : []), 'sft', ...block.arms];
}

/** What an earlier sitting has measured; null where it is still to be made. */
export function readModel(
  study: Study,
  block: StudyBlock,
  arm: string,
  seed: number,
  folder: string,
): StudyModel | null {
  const file = modelFile(study, block, arm, seed, folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StudyModel) : null;
}

async function measure(
  trunk: Trunk,
  name: string,
  source: ModelSource,
  folder: string | null,
  host: StudyHost,
): Promise<Omit<StudyModel, 'arm' | 'seed'>> {
  const { config, tokenizer, precision, placement } = trunk.run;
  const { items } = await evaluateHeldOut({
    name,
    source,
    heldOut: trunk.data.heldOut,
    tokenizer,
    maxNewTokens: config.evaluation.maxNewTokens,
    batch: config.batch,
    precision,
    placement,
    onProgress: async () => {
      await trunk.run.context.breathe();
      if (host.stopRequested())
        throw new StudioError(
          'stopped',
          `Stopped while measuring ${name}.`,
          'The same command goes on.',
        );
    },
  });
  const cost =
    folder === null
      ? { seconds: 0, processorSeconds: 0, steps: 0, curve: null }
      : readCurve(folder);
  return {
    ...cost,
    items: items.map(({ id, correct, loss, entropy, margin }) => {
      return { id: String(id), level: String(id).split('/')[0]!, correct, loss, entropy, margin };
    }),
  };
}

/** It is wanted, or one that is wanted goes on from it or mixes with it. */
function isNeeded(study: Study, arm: string, wanted: readonly string[]): boolean {
  const reaches = (from: string): boolean => {
    const own = study.arms[from];
    return from === arm || (own !== undefined && (reaches(own.start) || reaches(own.weak)));
  };
  return wanted.some(reaches);
}

function modelFile(
  study: Study,
  block: StudyBlock,
  arm: string,
  seed: number,
  folder: string,
): string {
  return join(folder, 'models', `${modelId(study, block, arm, seed)}.json`);
}

/** With the hash of all that the model depends on, so that a changed study makes it anew. */
function modelId(study: Study, block: StudyBlock, arm: string, seed: number): string {
  const chain: unknown[] = [];
  const follow = (name: string): void => {
    const own = study.arms[name];
    if (own === undefined) return;
    const { title: _title, ...rest } = own;
    chain.push(rest);
    follow(own.start);
    follow(own.weak);
  };
  follow(arm);
  const isBase = arm === 'base';
  const hash = hashJson({ trunk: trunkId(study, block), chain, seed: isBase ? null : seed });
  const name = isBase ? arm : `${arm}-${seed}`;
  return `${block.task}-${block.shape}-${name}-${hash.slice(0, 12)}`;
}

/** Every name is one of the study's; arms go on from, and mix with, arms before them. */
function checkNames(study: Study): void {
  const known = (kind: string, name: string, names: readonly string[]): void => {
    if (names.includes(name)) return;
    const hint = `There are ${names.join(', ')}.`;
    throw new StudioError('config-invalid', `The study has no ${kind} ${name}.`, hint);
  };
  const arms = Object.keys(study.arms);
  for (const block of study.blocks) {
    known('task', block.task, Object.keys(study.tasks));
    known('shape', block.shape, Object.keys(modelShapes));
    for (const arm of block.arms) known('arm', arm, arms);
  }
  for (const [index, name] of arms.entries()) {
    const { start, weak } = study.arms[name]!;
    const before = arms.slice(0, index);
    known(`start before ${name},`, start, ['sft', ...before]);
    if (!/^checkpoint:\d+$/.test(weak))
      known(`weak agent before ${name},`, weak, ['base', 'sft', ...before]);
  }
  for (const arm of Object.values(study.references)) if (arm) known('arm', arm, arms);
}
