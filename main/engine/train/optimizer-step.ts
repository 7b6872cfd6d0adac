/**
 * One optimizer step: the window's batches are accumulated, each answer token weighing
 * 1 / (answer tokens of the whole window); then gradient norm, clipping, AdamW. If loss or gradient
 * is not finite the step ends before anything is updated.
 */
import type { OptimizerConfig } from '../../contract/config.ts';
import { StudioError } from '../../contract/errors.ts';
import type { StepDiagnostics } from '../../contract/events.ts';
import type { Batch } from '../data/batch.ts';
import type { Session } from '../graph/session.ts';
import type { Feed, Fetched } from '../graph/call.ts';
import { mixedColumns, singleColumns, undialColumns } from '../loss/mixed-cross-entropy.ts';
import { clippingFactor, updateScalarsAt } from '../optim/adamw.ts';
import { shapeName } from './batch-shape.ts';
import { shapeOf } from './batch-plan.ts';
import { accumulateFeeds } from './feeds.ts';
import { squaresName } from './gradient-squares.ts';
import type { ObjectiveKind } from './objective.ts';

export interface StepResult extends StepDiagnostics {
  loss: number;
  gradientNorm: number;
  answerTokens: number;
  tokens: number;
}

export interface StepSettings {
  optimizer: OptimizerConfig;
  vocabulary: number;
  objective: ObjectiveKind;
  /** Lambda of the mixture; UNDIAL's strength. */
  lambda: number;
  /** What a micro-batch is fed beside its tokens, by its place in the window: random keys, weak states. */
  moreFeeds: (batch: Batch, index: number) => Record<string, Feed>;
}

/** The columns of the metrics by objective; the first one is the optimised loss. */
export const columnsOf: Record<ObjectiveKind, readonly string[]> = {
  sft: singleColumns,
  neftune: singleColumns,
  joint: mixedColumns,
  undial: undialColumns,
};

/** `update` is 1-based, as Adam's bias correction counts. */
export function optimizerStep(
  session: Session,
  batches: readonly Batch[],
  update: number,
  learningRate: number,
  settings: StepSettings,
): StepResult {
  const answerTokens = batches.reduce((sum, batch) => sum + batch.targets, 0);
  const columns = columnsOf[settings.objective];
  const isJoint = settings.objective === 'joint';
  const sums = new Map<string, number>(columns.map((name) => [name, 0]));
  const masses = { mixed: 0, strong: 0 };
  let outputs: Record<string, Fetched> = {};
  batches.forEach((batch, index) => {
    const feeds = accumulateFeeds(batch, 1 / answerTokens, settings.lambda, settings.vocabulary);
    Object.assign(feeds, settings.moreFeeds(batch, index));
    const write = index === 0 ? 'set' : 'add';
    outputs = session.call(`${write}:${shapeName(shapeOf(batch))}`, feeds);
    const { metrics } = outputs;
    for (let row = 0; row < batch.targets; row++) {
      columns.forEach((name, column) => {
        sums.set(name, sums.get(name)! + metrics![row * columns.length + column]!);
      });
      const strongColumn = columns.indexOf('strongLoss');
      masses.mixed += nonTargetMass(metrics![row * columns.length]!);
      masses.strong += nonTargetMass(metrics![row * columns.length + strongColumn]!);
    }
  });
  const means = Object.fromEntries([...sums].map(([name, sum]) => [name, sum / answerTokens]));
  const { mixedLoss: _mixed, distillationLoss: _distillation, ...diagnostics } = means;
  const loss = means[columns[0]!]!;
  const norms = gradientNorms(outputs);
  requireFinite(update, loss, norms.total);

  const { optimizer } = settings;
  const clip = clippingFactor(norms.total, optimizer.maxGradNorm);
  session.call('apply', { ...updateScalarsAt(update, learningRate, clip, optimizer) });
  return {
    ...diagnostics,
    loss,
    gradientNorm: norms.total,
    answerTokens,
    tokens: batches.reduce((sum, batch) => sum + batch.tokens, 0),
    strongNonTargetMass: masses.strong / answerTokens,
    strongGradientNorm: norms.strong,
    ...(isJoint && {
      mixedNonTargetMass: masses.mixed / answerTokens,
      gradientAmplification: masses.mixed / Math.max(masses.strong, 1e-12),
      ...(norms.weak !== null && { weakGradientNorm: norms.weak }),
    }),
  };
}

/** 1 - p(target), from the cross-entropy -log p(target) without losing digits. */
function nonTargetMass(crossEntropy: number): number {
  return -Math.expm1(-crossEntropy);
}

/** L2 norms over all trained parameters and per model; `outputs` are those of a window's last micro-batch. */
function gradientNorms(outputs: Readonly<Record<string, Fetched>>): {
  total: number;
  strong: number;
  weak: number | null;
} {
  const sum = (prefix: string): number | null => {
    const squares = outputs[squaresName(prefix)];
    return squares ? [...squares].reduce((total, square) => total + square, 0) : null;
  };
  const strong = sum('strong') ?? 0;
  const weak = sum('weak');
  return {
    total: Math.sqrt(strong + (weak ?? 0)),
    strong: Math.sqrt(strong),
    weak: weak === null ? null : Math.sqrt(weak),
  };
}

function requireFinite(update: number, loss: number, norm: number): void {
  if (Number.isFinite(loss) && Number.isFinite(norm)) return;
  const what = Number.isFinite(loss) ? `gradient norm is ${norm}` : `loss is ${loss}`;
  throw new StudioError(
    'loss-not-finite',
    `The ${what} in step ${update}; the step was not made and the last checkpoint is kept.`,
    'Lower optimizer.learningRate or look at the rows of this step, then resume.',
  );
}
