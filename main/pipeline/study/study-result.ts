/** What a study's models have answered, put together: study.json, the page for people, and its figures. */
import { mkdirSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import type {
  Study,
  StudyBlock,
  StudyBlockResult,
  StudyCurve,
  StudyEffect,
  StudyItem,
  StudyModel,
  StudyResult,
  StudyScore,
} from '../../contract/study.ts';
import { mcnemarExact } from '../../engine/eval/mcnemar.ts';
import { bootstrapInterval, meanInterval } from '../../engine/eval/study-statistics.ts';
import { studyFigures, studyHtml } from '../../engine/report/study-html.ts';
import { studyMarkdown } from '../../engine/report/study-markdown.ts';
import { describeProcessor } from '../../engine/runtime/processor.ts';
import { readRuntime } from '../../engine/runtime/runtime-record.ts';
import { writeFileAtomic, writeJsonAtomic } from '../atomic-file.ts';
import { modelsOf, readModel } from '../study.ts';

/** Writes what there is, of a study that was stopped, too. Returns the paths. */
export function writeStudyResult(study: Study, folder: string): string[] {
  const result = summariseStudy(study, folder);
  const at = (name: string): string => join(folder, name);
  writeJsonAtomic(at('study.json'), result);
  writeFileAtomic(at('study.md'), studyMarkdown(result));
  writeFileAtomic(at('study.html'), studyHtml(result));
  rmSync(at('figures'), { recursive: true, force: true });
  mkdirSync(at('figures'), { recursive: true });
  for (const { name, svg } of studyFigures(result)) writeFileAtomic(at(join('figures', name)), svg);
  return ['study.json', 'study.md', 'study.html'].map(at);
}

export function summariseStudy(study: Study, folder: string): StudyResult {
  const stored = study.blocks.map((block) => ({
    block,
    models: block.seeds.flatMap((seed) =>
      modelsOf(block, seed).flatMap((arm) => readModel(study, block, arm, seed, folder) ?? []),
    ),
  }));
  const blocks = stored.map(({ block, models }) => summariseBlock(study, block, models));
  // Of what is reported (a seed whose arms are not all there is not), and once where blocks share it.
  const reported = new Map<string, number>();
  for (const [index, { block, models }] of stored.entries()) {
    for (const { arm, seed, seconds } of models) {
      if (!blocks[index]!.seeds.includes(seed)) continue;
      reported.set([block.task, block.shape, arm, seed].join(), seconds);
    }
  }
  const seconds = [...reported.values()].reduce((sum, each) => sum + each, 0);
  const { model, instructions } = describeProcessor();
  return {
    format: 'weak-driven-studio.study',
    version: 1,
    study,
    blocks,
    hardware: {
      processor: model,
      instructions,
      memoryBytes: totalmem(),
      tensorflow: readRuntime().tensorflow,
    },
    seconds,
  };
}

function summariseBlock(
  study: Study,
  block: StudyBlock,
  models: readonly StudyModel[],
): StudyBlockResult {
  const task = study.tasks[block.task]!;
  const names = ['base', 'sft', ...block.arms];
  const of = (arm: string): StudyModel[] => models.filter((model) => model.arm === arm);
  // A seed counts when all its arms are there: all comparisons are over the same seeds.
  const seeds = block.seeds.filter((seed) =>
    ['sft', ...block.arms].every((arm) => of(arm).some((model) => model.seed === seed)),
  );
  const complete = (arm: string): StudyModel[] =>
    of(arm).filter((model) => arm === 'base' || seeds.includes(model.seed));
  const measured = seeds.length === 0 ? [] : names;
  const scores = measured.flatMap((arm) => {
    const own = complete(arm);
    return own.length === 0 ? [] : [summariseArm(study, arm, own, complete)];
  });
  const items = (models[0]?.items ?? []).filter(({ level }) => isHeldOut(study, block.task, level));
  return {
    name: block.name,
    title: block.title,
    task: block.task,
    shape: block.shape,
    heldOut: items.length,
    outOfDistribution: task.outOfDistribution.rows,
    seeds,
    missing: block.seeds.filter((seed) => !seeds.includes(seed)),
    scores,
  };
}

function summariseArm(
  study: Study,
  arm: string,
  models: readonly StudyModel[],
  of: (arm: string) => StudyModel[],
): StudyScore {
  const task = Object.keys(study.tasks).find((name) =>
    models[0]!.items.some(({ level }) => level in study.tasks[name]!.heldOut.levels),
  )!;
  const inside = (item: StudyItem): boolean => isHeldOut(study, task, item.level);
  const accuracies = (keep: (item: StudyItem) => boolean): number[] =>
    models.map(({ items }) => share(items.filter(keep)));
  const levels = [...new Set(models[0]!.items.map(({ level }) => level))].sort();
  const { equalSteps, equalCompute, secondRound } = study.references;
  const reference = of(equalSteps);
  const isArm = arm in study.arms;
  const isSecond = isArm && study.arms[arm]!.start !== 'sft';
  const references = [equalSteps, equalCompute, isSecond ? secondRound : undefined].filter(
    (name): name is string => name !== undefined && name !== arm,
  );
  const losses = models.map(({ items }) => mean(items.filter(inside), 'loss'));
  return {
    arm,
    title: study.arms[arm]?.title ?? (arm === 'base' ? 'Base model' : 'SFT'),
    seeds: models.map(({ seed }) => seed),
    steps: models[0]!.steps,
    accuracy: meanInterval(accuracies(inside)),
    perSeed: accuracies(inside),
    outOfDistribution: meanInterval(accuracies((item) => !inside(item))),
    loss: meanInterval(losses),
    lossPerSeed: losses,
    levels: Object.fromEntries(
      levels.map((level) => {
        const items = models.flatMap((model) => model.items.filter((item) => item.level === level));
        const metrics = {
          loss: mean(items, 'loss'),
          entropy: mean(items, 'entropy'),
          margin: mean(items, 'margin'),
        };
        return [level, { accuracy: share(items), ...metrics }];
      }),
    ),
    stepCost: isArm && reference.length > 0 ? stepSeconds(models) / stepSeconds(reference) : null,
    effects: isArm
      ? references.flatMap((name) => effect(study, name, models, of(name), inside))
      : [],
    curve: meanCurve(models.flatMap(({ curve }) => curve ?? [])),
  };
}

/** Items that both models of a seed answered, in the file's order. */
function effect(
  study: Study,
  reference: string,
  models: readonly StudyModel[],
  others: readonly StudyModel[],
  keep: (item: StudyItem) => boolean,
): StudyEffect[] {
  const differences = models.flatMap(({ seed, items }) => {
    const other = others.find((model) => model.seed === seed);
    if (other === undefined) return [];
    const answers = new Map(other.items.map(({ id, correct }) => [id, correct]));
    return [items.filter(keep).map(({ id, correct }) => Number(correct) - Number(answers.get(id)))];
  });
  if (differences.length === 0) return [];
  const all = differences.flat();
  const fixed = all.filter((difference) => difference === 1).length;
  const broken = all.filter((difference) => difference === -1).length;
  const { samples, seed } = study.bootstrap;
  return [
    {
      reference,
      difference: meanInterval(
        differences.map((own) => own.reduce((sum, d) => sum + d, 0) / own.length),
      ),
      bootstrap: bootstrapInterval(differences, samples, seed),
      fixed,
      broken,
      pValue: mcnemarExact(fixed, broken),
    },
  ];
}

function isHeldOut(study: Study, task: string, level: string): boolean {
  return level in study.tasks[task]!.heldOut.levels;
}

function share(items: readonly StudyItem[]): number {
  return items.filter(({ correct }) => correct).length / Math.max(1, items.length);
}

function mean(items: readonly StudyItem[], of: 'loss' | 'entropy' | 'margin'): number {
  return items.reduce((sum, item) => sum + item[of], 0) / Math.max(1, items.length);
}

function stepSeconds(models: readonly StudyModel[]): number {
  const steps = models.reduce((sum, model) => sum + model.steps, 0);
  return models.reduce((sum, model) => sum + model.processorSeconds, 0) / Math.max(1, steps);
}

function meanCurve(curves: readonly StudyCurve[]): StudyCurve | null {
  const [first] = curves;
  if (first === undefined) return null;
  const over = (of: keyof StudyCurve): number[] =>
    first[of].map(
      (_, at) => curves.reduce((sum, curve) => sum + (curve[of][at] ?? 0), 0) / curves.length,
    );
  return {
    step: first.step,
    margin: over('margin'),
    entropy: over('entropy'),
    nonTargetMass: over('nonTargetMass'),
    mixedMass: over('mixedMass'),
  };
}
