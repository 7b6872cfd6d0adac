/** Sentences that the study's HTML and Markdown pages share: all from the study file and its results. */
import type { Study, StudyBlockResult, StudyResult } from '../../contract/study.ts';
import { bytes, count, duration } from './number-text.ts';

export function facts({ hardware, seconds, blocks }: StudyResult): [string, string][] {
  const { processor, threads, memoryBytes, tensorflow } = hardware;
  const models = blocks.reduce(
    (sum, { scores }) => sum + scores.reduce((all, { seeds }) => all + seeds.length, 0),
    0,
  );
  return [
    [
      'Hardware',
      `${processor}, ${threads} threads for this program, ${bytes(memoryBytes)} of memory; no GPU`,
    ],
    ['Engine', `TensorFlow ${tensorflow}, f32`],
    ['Models measured', count(models)],
    ['Time in training steps', duration(seconds)],
    ['Command', 'wds study resources/study/study.yaml --out DIR'],
  ];
}

/** What the file says before anything is run. */
export function designLines(study: Study): string[] {
  const { references, sft, steps, optimizer, batch } = study;
  const compute = references.equalCompute;
  return [
    `Items, seeds, steps and settings stand in the study file. No arm has settings of its own beyond those that define it: learning rate ${optimizer.learningRate}, ${batch.micro * batch.accumulation} examples a step, ${sft.steps} steps of SFT, then ${steps} of each arm unless its title says otherwise.`,
    'There is no early stopping and no choice of checkpoints: the last step of each arm is measured, and every arm of the file is reported.',
    ...Object.values(study.tasks).map(
      ({ title, training, heldOut, outOfDistribution }) =>
        `${title}: ${training.rows} training rows drawn anew for each seed (${Object.keys(training.levels).join(', ')}); the same ${heldOut.rows} held-out items for all, and ${outOfDistribution.rows} beyond the trained difficulty (${Object.keys(outOfDistribution.levels).join(', ')}). No held-out problem occurs in training.`,
    ),
    `Equal steps: against “${study.arms[references.equalSteps]?.title}”.${compute ? ` Equal compute: against “${study.arms[compute]?.title}”, whose number of steps follows from counting a forward pass as a third of a training step.` : ''}`,
    `Intervals: Student’s t over seeds; a bootstrap over seeds and items (${study.bootstrap.samples} draws); McNemar’s exact test over the items of all seeds, which counts the seeds’ answers to one item as independent.`,
  ];
}

export function seedsText({ seeds, missing }: StudyBlockResult): string {
  const done = `Seeds ${seeds.join(', ') || 'none'}.`;
  return missing.length === 0
    ? done
    : `${done} Not run (or not all arms of it): seeds ${missing.join(', ')}.`;
}

export function limitLines({ blocks, study }: StudyResult): string[] {
  const missing = blocks.filter((block) => block.missing.length > 0);
  return [
    ...missing.map(
      ({ title, missing: seeds, seeds: done }) =>
        `${title}: ${done.length} of ${done.length + seeds.length} seeds were run; what is said rests on those.`,
    ),
    'Models of one to twelve million parameters on generated tasks: whether a 4-billion-parameter model on natural text behaves alike is not shown here.',
    'The base model is one for all seeds of a block; seeds vary the training rows, their order, the curriculum’s draws and the noise.',
    `Many comparisons are made (${blocks.reduce((sum, { scores }) => sum + scores.reduce((all, { effects }) => all + effects.length, 0), 0)}); p-values are not corrected for that.`,
    `Settings such as the learning rate were not tuned for any arm; a method may have others that suit it better. ${study.optimizer.learningRate} is far above the paper’s 1e-5, as models of this size need.`,
  ];
}
