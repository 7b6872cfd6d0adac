/** A comparison as one HTML file that needs nothing else, in the style of the run's report. */
import type { ComparedItem, Comparison } from '../../contract/comparison.ts';
import type { StepMetric } from '../../contract/runs.ts';
import { dotPlot } from './chart/dot-plot.ts';
import type { DataRole, Line } from './chart/line-chart.ts';
import { lineChart } from './chart/line-chart.ts';
import { heatMap } from './chart/heat-map.ts';
import { figure, list, section, table } from './html-parts.ts';
import { styleSheet } from './html-style.ts';
import type { Markup } from './markup.ts';
import { markup, markupText, trusted } from './markup.ts';
import { absent, count, percent, pValue, signedPoints, significant } from './number-text.ts';

const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
const roles: DataRole[] = ['baseline', 'strong', 'weak', 'mixed'];
const roleOf = (model: number): DataRole => roles[model % roles.length]!;

export function comparisonHtml(comparison: Comparison): string {
  const { models, missing } = comparison;
  const title = titleOf(models);
  const page = markup`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content="${trusted(policy)}" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="referrer" content="no-referrer" />
      <title>${title} · comparison</title>
      <style>
        ${trusted(styleSheet)}
      </style>
    </head>
    <body>
      <main>
        <p class="kind">Comparison · Weak-Driven Learning (WMSS)</p>
        <h1>${title}</h1>
        <dl class="facts">
          ${models.map(
            ({ label, folder }, index) =>
              markup`<dt>${index === 0 ? `${label} (baseline)` : label}</dt>
                <dd class="long mono">${folder ?? absent}</dd>`,
          )}
        </dl>
        ${[
          evaluationSection(comparison),
          settingsSection(comparison),
          curvesSection(comparison),
          weightsSection(comparison),
          itemsSection(comparison),
          missing.length === 0 ? null : section('missing', 'Not compared', list(missing)),
        ]}
      </main>
    </body>
  </html>`;
  return `<!doctype html>\n${markupText(page)}\n`;
}

/** The name of a run that all of them are of stands once. */
function titleOf(models: Comparison['models']): string {
  const [first, ...others] = models;
  const run = models.every(({ runId }) => runId === first!.runId) ? first!.runName : undefined;
  const names = others.map(({ label, member }) => (run && member) || label).join(', ');
  const baseline = (run && first!.member) || first!.label;
  return `${run ? `${run}: ` : ''}${names} against ${baseline}`;
}

function evaluationSection({ models, evaluation }: Comparison): Markup | null {
  if (evaluation === null) return null;
  const { scores, paired, file } = evaluation;
  const dots = scores.flatMap((score, index) =>
    score?.accuracy === undefined
      ? []
      : [
          {
            name: models[index]!.label,
            role: roleOf(index),
            value: score.accuracy,
            low: score.accuracyLow!,
            high: score.accuracyHigh!,
          },
        ],
  );
  const numbers = [
    'Accuracy',
    'Loss',
    'Entropy',
    'Difference',
    '95 % interval',
    'p',
    'Fixed',
    'Broken',
  ];
  const rows = scores.map((score, index) => {
    const pair = paired[index] ?? null;
    return {
      cells: [
        models[index]!.label,
        score?.accuracy === undefined ? absent : `${percent(score.accuracy)} of ${score.items}`,
        significant(score?.loss),
        significant(score?.entropy),
        pair === null ? absent : signedPoints(pair.difference),
        pair === null ? absent : `${signedPoints(pair.low)} to ${signedPoints(pair.high)}`,
        pair === null ? absent : pValue(pair.pValue).replace(/^p = /, ''),
        pair === null ? absent : count(pair.fixed),
        pair === null ? absent : count(pair.broken),
      ],
    };
  });
  return section('evaluation', 'Evaluation', [
    figure(dotPlot(dots, 'Accuracy of each model with its 95 % interval'), [
      'Share of items answered correctly, with 95 % Wilson intervals. Items: ',
      markup`<span class="mono long">${file}</span>.`,
    ]),
    table(
      'Differences from the baseline in percentage points on the same items, with Newcombe’s 95 % interval and McNemar’s exact test (two-sided). Several comparisons at once find a difference by chance more often than one.',
      [{ title: 'Model' }, ...numbers.map((name) => ({ title: name, isNumber: true }))],
      rows,
    ),
  ]);
}

function settingsSection({ models, settings }: Comparison): Markup {
  return section(
    'settings',
    'Settings that differ',
    settings.length === 0
      ? markup`<p>None.</p>`
      : table(
          'Settings of the runs that are not the same in all of them.',
          [{ title: 'Setting' }, ...models.map(({ label }) => ({ title: label }))],
          settings.map(({ name, values }) => ({
            cells: [
              markup`<span class="mono">${name}</span>`,
              ...values.map((value) => markup`<span class="mono long">${value ?? absent}</span>`),
            ],
          })),
        ),
  );
}

const drawn: [StepMetric, string, string][] = [
  ['loss', 'loss (nats)', 'Training loss of the stage that made each model.'],
  [
    'strongMargin',
    'logit margin',
    'Logit margin of the trained model: target minus mean of others.',
  ],
  ['strongEntropy', 'entropy (nats)', 'Entropy of the trained model on the answer tokens.'],
  ['gradientAmplification', 'amplification', 'Mass on wrong tokens, mixed over strong.'],
];

function curvesSection({ models, curves }: Comparison): Markup | null {
  if (curves.length === 0) return null;
  const linesOf = (metric: StepMetric): Line[] =>
    curves.flatMap(({ model, curves: own }) => {
      const curve = own.find((each) => each.metric === metric);
      const name = models[model]!.member ?? models[model]!.label;
      return curve === undefined ? [] : [{ name, role: roleOf(model), curve }];
    });
  const figures = drawn.map(([metric, yName, caption]) =>
    figure(lineChart({ yName, lines: linesOf(metric), description: caption }), caption),
  );
  return section('curves', 'Curves', markup`<div class="pair">${figures}</div>`);
}

function weightsSection({ models, weights }: Comparison): Markup | null {
  if (weights === null) return null;
  const most = Math.max(...weights.models.flatMap((delta) => delta?.relative.flat() ?? []));
  const maps = weights.models.flatMap((delta, index) =>
    delta === null
      ? []
      : [
          figure(
            heatMap(weights.modules, delta.relative, `Weights of ${models[index]!.label}`, most),
            [
              `${models[index]!.label}: distance of each tensor from the baseline’s, as a share of its norm; ${percent(delta.total)} over all. `,
              delta.others.map(({ name, relative }) => `${name} ${percent(relative)}`).join(', '),
              '.',
            ],
          ),
        ],
  );
  return section('weights', 'How far the weights moved', maps);
}

const listed = 8;

function itemsSection({ models, evaluation }: Comparison): Markup | null {
  const items = evaluation?.items ?? [];
  if (items.length === 0) return null;
  const groups: [string, (item: ComparedItem) => boolean][] = [
    ['Fixed', ({ answers }) => !answers[0]!.correct && answers[1]!.correct],
    ['Broken', ({ answers }) => answers[0]!.correct && !answers[1]!.correct],
    ['Still wrong', ({ answers }) => answers.every(({ correct }) => !correct)],
  ];
  const shown = groups.map(([name, belongs]) => {
    const all = items.filter(belongs);
    const some = all.slice(0, listed);
    return [
      markup`<h3>${name}: ${count(all.length)}${all.length > listed ? `, the first ${listed}` : ''}</h3>`,
      some.map((item) => itemMarkup(item, models)),
    ];
  });
  return section('items', `Items: ${models[1]!.label} against the baseline`, shown);
}

function itemMarkup(item: ComparedItem, models: Comparison['models']): Markup {
  const { id, prompt, expected, answers } = item;
  return markup`<article class="item">
    <header><span class="mono">${id}</span> · expected <strong>${shortened(expected)}</strong></header>
    <p class="text">${shortened(prompt)}</p>
    <div class="pair">
      ${answers.map(
        ({ text, answer, correct }, index) =>
          markup`<div class="answer">
            <h4>${models[index]!.label}: <span class="${correct ? 'good' : 'bad'}">${shortened(answer)}</span></h4>
            <p class="text">${shortened(text)}</p>
          </div>`,
      )}
    </div>
  </article>`;
}

function shortened(text: string): string {
  return text.length > 1500 ? `${text.slice(0, 1000)} […] ${text.slice(-500)}` : text;
}
