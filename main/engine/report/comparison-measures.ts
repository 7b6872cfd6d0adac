/** Chapters of an exported comparison that were measured: curves, entropies, answer tokens, weights. */
import type { Comparison, TokenSpread } from '../../contract/comparison.ts';
import type { StepMetric } from '../../contract/runs.ts';
import { heatMap } from './chart/heat-map.ts';
import type { DataRole, Line } from './chart/line-chart.ts';
import { lineChart } from './chart/line-chart.ts';
import { outlineChart } from './chart/outline-chart.ts';
import { scatterChart } from './chart/scatter-chart.ts';
import { entropyScatter } from './entropy-scatter.ts';
import { figure, section, table } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { absent, count, percent, significant } from './number-text.ts';

const roles: DataRole[] = ['baseline', 'strong', 'weak', 'mixed', 'rose', 'lime'];

/** As on the Compare page: the first model is the baseline. */
export function roleOf(model: number): DataRole {
  return roles[model % roles.length]!;
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

export function curvesSection({ models, curves }: Comparison): Markup | null {
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

export function entropySection({ models, entropy }: Comparison): Markup | null {
  if (entropy === null) return null;
  const first = entropy.entropies.findIndex((values) => values !== null);
  const before = entropy.entropies[first]!;
  const rows = entropy.rows === 'held-out' ? 'held-out items' : 'training rows';
  const figures = entropy.entropies.flatMap((after, index) => {
    if (after === null || index === first) return [];
    const weight = 1 / after.length;
    const points = Array.from(after, (entropy1, row) => {
      return { entropy0: before[row]!, entropy1, weight, term: 0 };
    });
    const shifts = points.map(({ entropy0, entropy1 }) => entropy1 - entropy0);
    const fell = shifts.filter((shift) => shift < 0).length;
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length;
    const names = {
      xName: `${models[first]!.label} (nats)`,
      yName: `${models[index]!.label} (nats)`,
      description: `Entropy of each row under ${models[first]!.label} and ${models[index]!.label}`,
    };
    return [
      figure(
        scatterChart(entropyScatter(points), names),
        `${models[index]!.label} is surer than ${models[first]!.label} on ${count(fell)} of ${count(shifts.length)} ${rows}; the mean entropy changes by ${significant(mean, 3)} nats. A dot is a row; below the diagonal it became surer.`,
      ),
    ];
  });
  return section('entropy', 'Entropy of each sample', markup`<div class="pair">${figures}</div>`);
}

export function tokensSection({ models, tokens }: Comparison): Markup | null {
  if (tokens === null) return null;
  const outlines = (of: 'margin' | 'mass') =>
    tokens.models.flatMap((spread, index) =>
      spread === null
        ? []
        : [
            {
              name: models[index]!.member ?? models[index]!.label,
              role: roleOf(index),
              shares: spread[of].counts.map((each) => each / spread.tokens),
            },
          ],
    );
  const rows = tokens.models.map((spread, index) => ({
    cells: [
      models[index]!.label,
      spread === null ? absent : count(spread.tokens),
      ...[spread?.margin, spread?.mass].flatMap((each: TokenSpread | undefined) => [
        significant(each?.mean),
        significant(each?.median),
      ]),
    ],
  }));
  const source = markup`Answer tokens of the first ${count(tokens.sampled)} rows of <span class="mono long">${tokens.file}</span>.`;
  return section('tokens', 'Margins and non-target mass', [
    markup`<div class="pair">
      ${[
        figure(
          outlineChart({
            edges: tokens.marginEdges,
            outlines: outlines('margin'),
            xName: 'logit margin',
            description: 'Share of answer tokens by logit margin',
          }),
          'Logit margin: the target’s logit minus the mean of all others. Right is surer.',
        ),
        figure(
          outlineChart({
            edges: tokens.massEdges,
            outlines: outlines('mass'),
            xName: 'log₁₀ of the mass on wrong tokens',
            description: 'Share of answer tokens by the mass on non-target tokens',
          }),
          'Mass on non-target tokens, 1 − p(target): the gradient that is left of SFT at this token. The first bin holds all below it.',
        ),
      ]}
    </div>`,
    table(
      source,
      [
        { title: 'Model' },
        ...['Tokens', 'Margin, mean', 'median', 'Mass, mean', 'median'].map((title) => ({
          title,
          isNumber: true,
        })),
      ],
      rows,
    ),
  ]);
}

export function weightsSection({ models, weights }: Comparison): Markup | null {
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
