/**
 * The report's numbers as one tidy table: a number a line, with its interval where it has one and the
 * file it came from. RFC 4180: CRLF, quotes doubled. Text that a spreadsheet would take for a formula
 * gets an apostrophe in front; numbers are never text, so a loss of -1 stays a number.
 */
import type { ReportSource, RunReport } from '../../contract/report.ts';
import { termNames } from '../../contract/report.ts';
import { plainText } from './plain-text.ts';

type Cell = string | number | undefined;
type Row = [
  section: string,
  subject: string,
  step: Cell,
  measure: string,
  value: Cell,
  low: Cell,
  high: Cell,
  source: string,
];

const heading = ['section', 'subject', 'step', 'measure', 'value', 'low', 'high', 'source'];

export function csvReport(report: RunReport): string {
  const rows = [
    ...runRows(report),
    ...evaluationRows(report),
    ...curriculumRows(report),
    ...checkpointRows(report),
    ...curveRows(report),
    ...sampleRows(report),
  ];
  return [heading, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** @returns a number as it is, text in quotes and harmless */
export function csvCell(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  const text = plainText(value);
  // Spreadsheets look past white space, and take the full-width signs too.
  const isFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/.test(text) || /^[\t\n]/.test(text);
  return `"${(isFormula ? `'${text}` : text).replaceAll('"', '""')}"`;
}

function row(
  section: string,
  subject: string,
  measure: string,
  value: Cell,
  source: ReportSource,
  more: { step?: number; low?: number; high?: number } = {},
): Row {
  return [section, subject, more.step, measure, value, more.low, more.high, source.file];
}

function runRows({ run, data, findings }: RunReport): Row[] {
  const of = (measure: string, value: Cell) => row('run', run.id, measure, value, run.source);
  return [
    of('name', run.name),
    of('status', run.status),
    of('model', run.model),
    of('weak agent', run.weak),
    of('data file', run.dataFile),
    of('seconds in work', run.seconds),
    of('result', findings.join(' ')),
    ...(data
      ? (
          ['rows', 'kept', 'truncated', 'leftOut', 'duplicates', 'tokens', 'answerTokens'] as const
        ).map((measure) => row('data', data.file, measure, data[measure], data.source))
      : []),
  ];
}

function evaluationRows({ evaluation }: RunReport): Row[] {
  if (evaluation === null) return [];
  const { source } = evaluation;
  const models = evaluation.models.flatMap((model) => {
    const interval =
      model.accuracyLow === undefined ? {} : { low: model.accuracyLow, high: model.accuracyHigh! };
    return [
      row('evaluation', model.model, 'items', model.items, source),
      row('evaluation', model.model, 'correct', model.correct, source),
      row('evaluation', model.model, 'accuracy', model.accuracy, source, interval),
      row('evaluation', model.model, 'held-out loss', model.loss, source),
      row('evaluation', model.model, 'held-out entropy', model.entropy, source),
    ];
  });
  const comparisons = evaluation.comparisons.flatMap((comparison) => {
    const { candidate, reference, low, high } = comparison;
    const of = (measure: string, value: number, interval = {}) =>
      row('comparison', `${candidate} vs ${reference}`, measure, value, source, interval);
    return [
      of('items', comparison.items),
      of('fixed', comparison.fixed),
      of('broken', comparison.broken),
      of('both correct', comparison.bothCorrect),
      of('both wrong', comparison.bothWrong),
      of('difference', comparison.difference, { low, high }),
      of('McNemar exact p', comparison.pValue),
    ];
  });
  return [...models, ...comparisons];
}

function curriculumRows({ curriculum }: RunReport): Row[] {
  if (curriculum === null) return [];
  const { source, termShares } = curriculum;
  const measures = [
    'rows',
    'drawn',
    'distinct',
    'neverDrawn',
    'effectiveSampleSize',
    'heaviestTenth',
    'meanEntropy0',
    'meanEntropy1',
    'fell',
    'rose',
  ] as const;
  return [
    ...measures.map((name) => row('curriculum', curriculum.scheme, name, curriculum[name], source)),
    ...termNames.map((name, term) =>
      row('curriculum', curriculum.scheme, `share of ${name}`, termShares[term], source),
    ),
    ...curriculum.top.flatMap(({ id, weight, drawn, entropy0, entropy1 }) => [
      row('heaviest rows', String(id), 'weight', weight, source),
      row('heaviest rows', String(id), 'drawn', drawn, source),
      row('heaviest rows', String(id), 'entropy0', entropy0, source),
      row('heaviest rows', String(id), 'entropy1', entropy1, source),
    ]),
  ];
}

function checkpointRows({ checkpoints }: RunReport): Row[] {
  return checkpoints.flatMap(({ stage, step, file, loss, heldOutLoss, heldOutEntropy }) => [
    row('checkpoint', stage, 'training loss', loss, { file }, { step }),
    row('checkpoint', stage, 'held-out loss', heldOutLoss, { file }, { step }),
    row('checkpoint', stage, 'held-out entropy', heldOutEntropy, { file }, { step }),
  ]);
}

/** Of grouped steps the mean, with the smallest and largest value as low and high. */
function curveRows({ training }: RunReport): Row[] {
  return training.flatMap(({ stage, curves, source, stepsPerPoint }) =>
    curves.flatMap(({ metric, step, mean, low, high }) =>
      step.map((at, index) =>
        row('steps', stage, metric, mean[index], source, {
          step: at,
          ...(stepsPerPoint > 1 && { low: low[index]!, high: high[index]! }),
        }),
      ),
    ),
  );
}

function sampleRows({ evaluation }: RunReport): Row[] {
  const file = (model: string | null) =>
    evaluation?.models.find((one) => one.model === model)?.source ?? { file: '' };
  return (evaluation?.samples ?? []).flatMap((item) => {
    const of = (measure: string, text: string, model: string | null) =>
      row(`item ${item.outcome}`, String(item.id), measure, text, file(model));
    return [
      of('prompt', item.prompt, 'weak-driven'),
      of('expected', item.expected, 'weak-driven'),
      of('reference answer', item.reference.text, evaluation!.reference),
      of('weak-driven answer', item.candidate.text, 'weak-driven'),
    ];
  });
}
