/** Sentences that the study's HTML and Markdown pages share: all from the study file and its results. */
import type { Study, StudyBlockResult, StudyEffect, StudyResult } from '../../contract/study.ts';
import { bytes, count, duration, pValue, signedPoints } from './number-text.ts';

export function facts({ hardware, seconds, blocks }: StudyResult): [string, string][] {
  const { processor, memoryBytes, tensorflow } = hardware;
  const models = blocks.reduce(
    (sum, { scores }) => sum + scores.reduce((all, { seeds }) => all + seeds.length, 0),
    0,
  );
  return [
    ['Hardware', `${processor}, ${bytes(memoryBytes)} of memory; no GPU`],
    ['Engine', `TensorFlow ${tensorflow}, f32`],
    ['Models measured', count(models)],
    ['Time in training steps', duration(seconds)],
    ['Command', 'wds study resources/study/study.yaml --out DIR'],
  ];
}

/** What the file says before anything is run. */
export function designLines(study: Study): string[] {
  const { references, sft, steps, optimizer, batch } = study;
  const { equalCompute: compute, secondRound: second } = references;
  return [
    `Items, seeds, steps and settings stand in the study file. No arm has settings of its own beyond those that define it: learning rate ${optimizer.learningRate}, ${batch.micro * batch.accumulation} examples a step, ${sft.steps} steps of SFT, then ${steps} of each arm unless its title says otherwise.`,
    'There is no early stopping and no choice of checkpoints: the last step of each arm is measured, and every arm of the file is reported.',
    ...Object.values(study.tasks).map(
      ({ title, training, heldOut, outOfDistribution }) =>
        `${title}: ${training.rows} training rows drawn anew for each seed (${Object.keys(training.levels).join(', ')}); the same ${heldOut.rows} held-out items for all, and ${outOfDistribution.rows} beyond the trained difficulty (${Object.keys(outOfDistribution.levels).join(', ')}). No held-out problem occurs in training.`,
    ),
    `Equal steps: against “${study.arms[references.equalSteps]?.title}”.${compute ? ` Equal compute: against “${study.arms[compute]?.title}”, whose number of steps follows from counting a forward pass as a third of a training step.` : ''}${second ? ` Arms that start from another arm: also against “${study.arms[second]?.title}”, which has taken as many steps in all.` : ''}`,
    `Intervals: Student’s t over seeds; a bootstrap over seeds and items (${study.bootstrap.samples} draws); McNemar’s exact test over the items of all seeds, which counts the seeds’ answers to one item as independent.`,
  ];
}

/** What came out for the arms that mix, one sentence each; the interval decides, not the sign. */
export function resultLines({ blocks, study }: StudyResult): string[] {
  const lines = blocks.flatMap((block) =>
    block.scores.flatMap(({ arm, title, effects }) => {
      const own = study.arms[arm];
      if (own?.objective !== 'joint') return [];
      return effects.map(({ reference, difference, bootstrap, pValue: p }) => {
        const outcome =
          block.seeds.length < 3
            ? 'too few seeds to say'
            : bootstrap.low > 0
              ? 'better'
              : bootstrap.high < 0
                ? 'worse'
                : 'no difference shown';
        const against = study.arms[reference]?.title ?? reference;
        return `${block.title}: ${title} against ${against}: ${signedPoints(difference.mean)} points (bootstrap ${signedPoints(bootstrap.low)} to ${signedPoints(bootstrap.high)}, McNemar ${pValue(p)}; ${block.seeds.length} of ${block.seeds.length + block.missing.length} seeds): ${outcome}.`;
      });
    }),
  );
  return lines.length > 0 ? lines : ['No seed has been run to its end.'];
}

/** With its interval over seeds where there are several. */
export function differenceText({ difference: { mean, low, high } }: StudyEffect): string {
  if (low === high) return signedPoints(mean);
  return `${signedPoints(mean)} (${signedPoints(low)} to ${signedPoints(high)})`;
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
    ...missing.map(({ title, missing: seeds, seeds: done }) =>
      done.length === 0
        ? `${title}: not run yet; nothing is said of it.`
        : `${title}: ${done.length} of ${done.length + seeds.length} seeds were run; what is said rests on those.`,
    ),
    'Models of one to twelve million parameters on generated tasks: whether a 4-billion-parameter model on natural text behaves alike is not shown here.',
    ...undialLines(study),
    'Seconds were measured on a machine that may have had other work; the cost of a step is the median of its processor time over all threads.',
    'The base model is one for all seeds of a block; seeds vary the training rows, their order, the curriculum’s draws and the noise.',
    `Many comparisons are made (${blocks.reduce((sum, { scores }) => sum + scores.reduce((all, { effects }) => all + effects.length, 0), 0)}); p-values are not corrected for that.`,
    `Settings such as the learning rate were not tuned for any arm; a method may have others that suit it better. ${study.optimizer.learningRate} is far above the paper’s 1e-5, as models of this size need.`,
  ];
}

/** What its loss does to a model that has learned its targets is no fault of a run. */
function undialLines({ arms }: Study): string[] {
  const own = Object.values(arms).find(({ objective }) => objective === 'undial');
  if (own === undefined) return [];
  return [
    `UNDIAL was made for unlearning: where its strength (${own.undial.strength} here, not tuned) exceeds the lead of the target’s logit, the teacher prefers another token, and the model unlearns its answers. It is here because the paper compares with it.`,
  ];
}
