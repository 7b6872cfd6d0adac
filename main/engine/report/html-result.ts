/** Title, abstract, and the chapter on the evaluation: models, comparisons, items side by side. */
import { questionOf } from '../../contract/question-of.ts';
import type { PairedComparison, ReportedEvaluation, RunReport } from '../../contract/report.ts';
import { dotPlot } from './chart/dot-plot.ts';
import { significanceLevel } from './findings.ts';
import { figure, list, roleOf, section, sourceNote, table } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import {
  absent,
  count,
  dateText,
  duration,
  percent,
  points,
  pValue,
  signedPoints,
  significant,
} from './number-text.ts';

export function titleBlock(report: RunReport): Markup {
  const { run, findings, missing, environment } = report;
  const device = environment.programs.map(
    ({ device: name, threads, version }) => `${name}, ${threads} threads, version ${version}`,
  );
  const hashOf = (role: string): string => {
    const hash = report.modelFiles.find((model) => model.role === role)?.fingerprint;
    return hash === undefined ? '' : ` (fingerprint ${hash.slice(0, 12)})`;
  };
  const facts: [string, string][] = [
    ['Model', `${run.model}${hashOf('base')}`],
    ['Weak agent', `${run.weak}${hashOf('weak')}`],
    ['Data', run.dataFile],
    ['Held out', run.heldOutFile ?? absent],
    ['Run', `${run.id}, ${run.status}`],
    ['Time', `${dateText(run.started)}, ${duration(run.seconds)} in work`],
    ['Computed on', device.join('; ') || absent],
  ];
  return markup`<p class="kind">Run report · Weak-Driven Learning (WMSS)</p>
    <h1>${run.name}</h1>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          markup`<dt>${name}</dt>
            <dd class="long">${value}</dd>`,
      )}
    </dl>
    ${
      missing.length === 0
        ? null
        : markup`<div class="note" role="note">
            <p><strong>This report is incomplete.</strong></p>
            <ul>
              ${missing.map((sentence) => markup`<li>${sentence}</li>`)}
            </ul>
          </div>`
    }
    <div class="abstract">
      <p><span class="lead">Result.</span> ${findings.join(' ')}</p>
    </div>`;
}

export function evaluationSection(evaluation: ReportedEvaluation): Markup {
  const { models, reference } = evaluation;
  const dots = models.flatMap(({ model, label, accuracy, accuracyLow, accuracyHigh }) =>
    accuracy === undefined
      ? []
      : [
          {
            name: label,
            role: roleOf(model),
            value: accuracy,
            low: accuracyLow!,
            high: accuracyHigh!,
          },
        ],
  );
  return section('evaluation', 'Evaluation', [
    figure(dotPlot(dots, 'Accuracy of each model with its 95 % interval'), [
      'Share of held-out items answered correctly. Lines are 95 % Wilson intervals. They describe each model alone; whether two models differ is in the paired comparison below, which is sharper. ',
      sourceNote(evaluation.source),
    ]),
    modelTable(evaluation),
    reference === null || evaluation.comparisons.length === 0
      ? null
      : comparisonTable(evaluation, reference),
  ]);
}

function modelTable({ models, source }: ReportedEvaluation): Markup {
  return table(
    [
      'Models on the held-out rows. Steps: optimizer steps after the base model. Loss and entropy: mean per answer token of the reference answers, in nats. ',
      sourceNote(source),
    ],
    [
      { title: 'Model' },
      { title: 'Steps', isNumber: true },
      { title: 'Items', isNumber: true },
      { title: 'Correct', isNumber: true },
      { title: 'Accuracy', isNumber: true },
      { title: '95 % CI', isNumber: true },
      { title: 'Loss', isNumber: true },
      { title: 'Entropy', isNumber: true },
    ],
    models.map((model) => ({
      emphasis: model.model === 'weak-driven',
      cells: [
        markup`<span class="swatch ${roleOf(model.model)}"></span>${model.label}`,
        count(model.steps),
        count(model.items),
        count(model.correct),
        percent(model.accuracy),
        model.accuracyLow === undefined
          ? absent
          : `${points(model.accuracyLow)} to ${points(model.accuracyHigh!)}`,
        significant(model.loss),
        significant(model.entropy),
      ],
    })),
  );
}

function comparisonTable(evaluation: ReportedEvaluation, reference: string): Markup {
  const label = (name: string): string =>
    evaluation.models.find(({ model }) => model === name)?.label ?? name;
  const files = evaluation.models.flatMap(({ source }) => source ?? []);
  return table(
    [
      `Item by item against "${label(reference)}". Fixed: solved here and not by the reference; broken: the reverse. Difference in percentage points with Newcombe's 95 % interval for paired proportions; p: McNemar's exact test, two-sided, not corrected for several comparisons (the one the run is about is the weak-driven row). `,
      sourceNote(...files),
    ],
    [
      { title: 'Model' },
      { title: 'Fixed', isNumber: true },
      { title: 'Broken', isNumber: true },
      { title: 'Both right', isNumber: true },
      { title: 'Both wrong', isNumber: true },
      { title: 'Difference', isNumber: true },
      { title: '95 % CI', isNumber: true },
      { title: 'p', isNumber: true },
    ],
    evaluation.comparisons.map((comparison) => ({
      emphasis: comparison.candidate === 'weak-driven',
      cells: [
        label(comparison.candidate),
        count(comparison.fixed),
        count(comparison.broken),
        count(comparison.bothCorrect),
        count(comparison.bothWrong),
        differenceText(comparison),
        `${signedPoints(comparison.low)} to ${signedPoints(comparison.high)}`,
        pValue(comparison.pValue).replace('p = ', '').replace('p ', ''),
      ],
    })),
  );
}

/** Coloured only where it is what the run is about, and no chance. */
function differenceText({ candidate, difference, pValue: p }: PairedComparison): Markup {
  const isPlain = candidate !== 'weak-driven' || p >= significanceLevel;
  const kind = isPlain ? '' : difference > 0 ? 'good' : 'bad';
  return markup`<span class="${kind}">${signedPoints(difference)}</span>`;
}

export function samplesSection(evaluation: ReportedEvaluation): Markup | null {
  const { samples, models, reference } = evaluation;
  if (samples.length === 0) return null;
  const label = models.find(({ model }) => model === reference)?.label ?? 'Reference';
  const shown = (outcome: string): number =>
    samples.filter((item) => item.outcome === outcome).length;
  const main = evaluation.comparisons.find(({ candidate }) => candidate === 'weak-driven');
  return section('samples', 'Items side by side', [
    markup`<p>
      The first items in the order of the file, not chosen: ${shown('fixed')} of
      ${count(main?.fixed)} fixed, ${shown('broken')} of ${count(main?.broken)} broken,
      ${shown('both wrong')} of ${count(main?.bothWrong)} that both answered wrongly.
    </p>`,
    samples.map(
      (item) =>
        markup`<article class="item">
          <header>
            <strong>Item ${item.id}</strong> · ${outcomeText(item.outcome)} · expected
            <code>${item.expected}</code>
          </header>
          <p class="text">${questionOf(item.prompt)}</p>
          <div class="pair">
            ${answerBlock(label, item.reference)} ${answerBlock('Weak-driven', item.candidate)}
          </div>
        </article>`,
    ),
  ]);
}

function outcomeText(outcome: string): Markup {
  const kind = outcome === 'fixed' ? 'good' : 'bad';
  return markup`<span class="${kind}">${outcome}</span>`;
}

function answerBlock(
  name: string,
  answer: { text: string; answer: string; correct: boolean },
): Markup {
  const mark = answer.correct
    ? markup`<span class="good">✓ right</span>`
    : markup`<span class="bad">✗ wrong</span>`;
  return markup`<div class="answer">
    <h4>${name}: <code>${answer.answer || 'no answer'}</code> ${mark}</h4>
    <p class="text">${answer.text}</p>
  </div>`;
}

export function limitsSection(limits: readonly string[]): Markup | null {
  return limits.length === 0 ? null : section('limits', 'Limits', list(limits));
}
