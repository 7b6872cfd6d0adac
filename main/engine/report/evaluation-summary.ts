/**
 * The evaluation: accuracy with Wilson's interval, and paired comparisons on the items that two models
 * both answered, matched by id. The reference is SFT continued for as many steps as joint training took
 * (`baseline`); without it SFT itself, which is not a comparison at equal steps and is said so.
 */
import { join } from 'node:path';
import type {
  PairedComparison,
  ReportedEvaluation,
  ReportedItem,
  ReportedModel,
} from '../../contract/report.ts';
import { asJsonObject } from '../checkpoint/read-json-file.ts';
import { pairedComparison } from '../eval/paired-comparison.ts';
import { wilsonInterval } from '../eval/wilson-interval.ts';
import type { FoundStage } from './run-files.ts';
import { isNumber, readJson, readJsonLines, sourceOf, textOr } from './run-files.ts';

const samplesEach = 6;
const longestText = 1800;

export const candidateName = 'weak-driven';
const labels: Record<string, string> = {
  base: 'Base model',
  sft: 'SFT',
  baseline: 'SFT, continued',
  neftune: 'NEFTune',
  undial: 'UNDIAL',
  [candidateName]: 'Weak-driven',
};

interface Answered {
  id: string | number;
  prompt: string;
  expected: string;
  text: string;
  answer: string;
  correct: boolean;
  cutOff: boolean;
}

/** @param steps optimizer steps done in each stage */
export function summariseEvaluation(
  runFolder: string,
  stages: readonly FoundStage[],
  steps: ReadonlyMap<string, number>,
): ReportedEvaluation | null {
  const folder = join(runFolder, 'stages', 'evaluate');
  const results = readJson(join(folder, 'results.json'));
  if (!Array.isArray(results)) return null;
  const answers = new Map<string, Map<string, Answered>>();
  const models = results.flatMap((result: unknown) => {
    const model = readModel(result);
    if (model === null) return [];
    // The name becomes a path: only names that stay inside the folder.
    const lines = /^[\w-]+$/.test(model.model)
      ? readJsonLines(join(folder, `${model.model}.jsonl`))
      : null;
    if (lines === null) return [model];
    const items = readAnswers(lines);
    answers.set(model.model, items);
    const cutOff = [...items.values()].filter((item) => item.cutOff).length;
    return [{ ...model, cutOff, source: sourceOf(stages, 'evaluate', `${model.model}.jsonl`) }];
  });
  if (models.length === 0) return null;
  for (const model of models) {
    const trained = stepsOf(model.model, steps);
    if (trained !== null) model.steps = trained;
  }
  const reference = ['baseline', 'sft'].find((name) => answers.has(name)) ?? null;
  const of = (name: string | null) => (name === null ? undefined : answers.get(name));
  const others = [candidateName, ...models.map(({ model }) => model)].filter(
    (name, index, all) => name !== reference && all.indexOf(name) === index,
  );
  const comparisons = others.flatMap((candidate) => {
    const [first, second] = [of(candidate), of(reference)];
    return first && second ? [compare(candidate, reference!, first, second)] : [];
  });
  const [joint, baseline] = [steps.get('joint'), steps.get('baseline')];
  const [first, second] = [of(candidateName), of(reference)];
  return {
    source: sourceOf(stages, 'evaluate', 'results.json'),
    models,
    reference,
    comparisons,
    ...(reference === 'baseline' && joint && baseline && { equalSteps: joint === baseline }),
    samples: first && second ? pickSamples(first, second) : [],
  };
}

function readModel(value: unknown): ReportedModel | null {
  const result = asJsonObject(value);
  const { model, items, correct, loss, entropy } = result ?? {};
  if (typeof model !== 'string' || !isNumber(items) || !isNumber(loss)) return null;
  const label = Object.hasOwn(labels, model) ? labels[model]! : model;
  const read: ReportedModel = { model, label, items, loss };
  if (isNumber(entropy)) read.entropy = entropy;
  if (isNumber(correct) && items > 0 && correct >= 0 && correct <= items) {
    const { low, high } = wilsonInterval(correct, items);
    Object.assign(read, { correct, accuracy: correct / items });
    Object.assign(read, { accuracyLow: low, accuracyHigh: high });
  }
  return read;
}

function stepsOf(model: string, steps: ReadonlyMap<string, number>): number | null {
  const sft = steps.get('sft') ?? 0;
  if (model === 'base') return 0;
  if (model === 'sft') return sft;
  const more = steps.get(model === candidateName ? 'joint' : model);
  return more === undefined ? null : sft + more;
}

function readAnswers(lines: readonly Record<string, unknown>[]): Map<string, Answered> {
  const items = new Map<string, Answered>();
  for (const { id, prompt, expected, text, answer, correct, finishReason } of lines) {
    if (typeof id !== 'string' && typeof id !== 'number') continue;
    items.set(JSON.stringify(id), {
      id,
      prompt: textOr(prompt, ''),
      expected: textOr(expected, ''),
      text: textOr(text, ''),
      answer: textOr(answer, ''),
      correct: correct === true,
      cutOff: finishReason === 'length',
    });
  }
  return items;
}

function compare(
  candidate: string,
  reference: string,
  first: ReadonlyMap<string, Answered>,
  second: ReadonlyMap<string, Answered>,
): PairedComparison {
  const pairs = [...first].flatMap(([key, item]) => {
    const other = second.get(key);
    return other === undefined ? [] : [{ before: other.correct, after: item.correct }];
  });
  return { candidate, reference, ...pairedComparison(pairs) };
}

/** The first few items of each outcome in the file's order: not chosen by how well they look. */
function pickSamples(
  candidate: ReadonlyMap<string, Answered>,
  reference: ReadonlyMap<string, Answered>,
): ReportedItem[] {
  const picked: Record<ReportedItem['outcome'], ReportedItem[]> = {
    fixed: [],
    broken: [],
    'both wrong': [],
  };
  for (const [key, item] of candidate) {
    const other = reference.get(key);
    if (other === undefined || (item.correct && other.correct)) continue;
    const outcome = item.correct ? 'fixed' : other.correct ? 'broken' : 'both wrong';
    const most = outcome === 'both wrong' ? samplesEach / 2 : samplesEach;
    if (picked[outcome].length >= most) continue;
    picked[outcome].push({
      id: item.id,
      outcome,
      prompt: shortened(item.prompt),
      expected: shortened(item.expected),
      reference: answerOf(other),
      candidate: answerOf(item),
    });
  }
  return [...picked.fixed, ...picked.broken, ...picked['both wrong']];
}

function answerOf({ text, answer, correct }: Answered): ReportedItem['candidate'] {
  return { text: shortened(text), answer: shortened(answer), correct };
}

/** Beginning and end: the answer stands last. */
function shortened(text: string): string {
  const left = text.length - longestText;
  if (left <= 0) return text;
  const end = text.slice(-longestText / 3);
  return `${text.slice(0, (longestText * 2) / 3)} […${left} characters left out…] ${end}`;
}
