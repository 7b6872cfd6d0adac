/**
 * The result of a run in one paragraph, computed from its numbers and fit to be quoted: what was
 * compared, how many items changed sides, whether that can be chance. A difference that is not
 * significant is not called a gain, and a loss is called a loss.
 */
import type {
  PairedComparison,
  ReportedEvaluation,
  ReportedModel,
  RunReport,
} from '../../contract/report.ts';
import { candidateName } from './evaluation-summary.ts';
import { count, percent, points, pValue, signedPoints, significant } from './number-text.ts';

export const significanceLevel = 0.05;

export type Verdict = 'better' | 'worse' | 'undecided';

/** By McNemar's exact test at the 5 % level. */
export function verdictOf({ pValue: p, fixed, broken }: PairedComparison): Verdict {
  if (p >= significanceLevel) return 'undecided';
  return fixed > broken ? 'better' : 'worse';
}

export function findingsOf({ run, evaluation, training }: Omit<RunReport, 'findings'>): string[] {
  const comparison = evaluation?.comparisons.find(({ candidate }) => candidate === candidateName);
  if (evaluation === null || evaluation.models.length === 0) return [unfinished(run, training)];
  if (!comparison) return [lossesOnly(evaluation)];
  return [
    accuracies(evaluation, comparison),
    changed(evaluation, comparison),
    judged(comparison),
    heldOutLoss(evaluation, comparison),
  ].filter((sentence) => sentence !== null);
}

function unfinished(run: RunReport['run'], training: RunReport['training']): string {
  const last = training.at(-1);
  const reached = last
    ? ` It reached step ${count(last.steps)} of ${count(last.plannedSteps)} of ${last.stage}.`
    : '';
  const why = run.error ? ` It failed: ${run.error.message}` : '';
  return `This run has no evaluation, so it does not say which model is better.${reached}${why}`;
}

function lossesOnly({ models }: ReportedEvaluation): string {
  const list = models.map((model) => {
    const score = model.accuracy === undefined ? '' : `, ${percent(model.accuracy)} correct`;
    return `${model.label} ${significant(model.loss)}${score}`;
  });
  return (
    `Held-out loss in nats per answer token: ${list.join('; ')}. ` +
    'Answers of the weak-driven model and of a reference to the same items are not both there, so no difference can be tested.'
  );
}

function accuracies(evaluation: ReportedEvaluation, comparison: PairedComparison): string {
  const { candidate, reference } = comparison;
  const of = (name: string) => evaluation.models.find(({ model }) => model === name);
  const score = (model: ReportedModel | undefined) =>
    model?.accuracy === undefined
      ? ''
      : `${percent(model.accuracy)} (95 % CI ${points(model.accuracyLow!)} to ${points(model.accuracyHigh!)})`;
  const [first, second, base] = [of(candidate), of(reference), of('base')];
  const versus =
    reference === 'baseline'
      ? evaluation.equalSteps === true
        ? 'plain SFT continued for the same number of steps'
        : 'plain SFT continued'
      : 'SFT, which trained for fewer steps';
  const start =
    base?.accuracy === undefined ? '' : ` The base model had answered ${percent(base.accuracy)}.`;
  return (
    `Of ${count(first?.items)} held-out items the weak-driven model answered ${score(first)} correctly, ` +
    `${versus} ${score(second)}.${start}`
  );
}

function changed(evaluation: ReportedEvaluation, comparison: PairedComparison): string {
  const { fixed, broken, difference, low, high, items } = comparison;
  const compared = evaluation.models.find(({ model }) => model === candidateName)?.items;
  const shared = compared === items ? '' : ` Of the ${count(items)} items both answered,`;
  if (fixed === 0 && broken === 0) {
    const same = comparison.bothCorrect === 0 ? 'solved none' : 'solved exactly the same items';
    return `${shared ? `${shared.trim()} both` : 'Both'} ${same}, so accuracy does not tell them apart.`;
  }
  const solved = `${count(fixed)} ${fixed === 1 ? 'item that' : 'items that'} SFT failed`;
  const lost = `${count(broken)} that SFT solved`;
  const change = `the weak-driven model solved ${solved} and failed ${lost}`;
  const sentence = shared ? `${shared.trim()} ${change}` : `The${change.slice(3)}`;
  return `${sentence}: a difference of ${signedPoints(difference)} percentage points (95 % CI ${signedPoints(low)} to ${signedPoints(high)}).`;
}

function judged(comparison: PairedComparison): string | null {
  const { fixed, broken, low, high, itemsNeeded } = comparison;
  const p = `McNemar's exact test, ${pValue(comparison.pValue)}`;
  const verdict = verdictOf(comparison);
  if (verdict === 'better') {
    return `Chance alone is an unlikely explanation (${p}): on these items joint training with the weak agent beat the same amount of plain SFT.`;
  }
  if (verdict === 'worse') {
    return `Chance alone is an unlikely explanation (${p}): on these items joint training with the weak agent did worse than plain SFT.`;
  }
  if (fixed === 0 && broken === 0) return null;
  const borderline =
    low > 0 || high < 0 ? ' The interval just excludes zero, the exact test decides here.' : '';
  const more =
    itemsNeeded === undefined || itemsNeeded <= comparison.items || itemsNeeded > 1e6
      ? ''
      : ` To show a difference of this size, about ${count(Number(itemsNeeded.toPrecision(2)))} items would be needed.`;
  return `This can well be chance (${p}): the run does not show that either is better.${borderline}${more}`;
}

function heldOutLoss(evaluation: ReportedEvaluation, comparison: PairedComparison): string | null {
  const of = (name: string) => evaluation.models.find(({ model }) => model === name)?.loss;
  const [first, second] = [of(comparison.candidate), of(comparison.reference)];
  if (first === undefined || second === undefined) return null;
  const difference = first - second;
  const words =
    difference === 0
      ? 'equal'
      : `${significant(Math.abs(difference), 3)} ${difference < 0 ? 'lower' : 'higher'}`;
  return `The weak-driven model's held-out loss is ${significant(first)} nats per answer token against ${significant(second)} (${words}); this difference was not tested.`;
}
