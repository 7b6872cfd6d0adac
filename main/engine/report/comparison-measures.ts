/** Chapters of an exported comparison: the curves of training, and how far the weights moved. */
import type { Comparison } from '../../contract/comparison.ts';
import type { StepMetric } from '../../contract/runs.ts';
import { heatMap } from './chart/heat-map.ts';
import type { DataRole, Line } from './chart/line-chart.ts';
import { lineChart } from './chart/line-chart.ts';
import { figure, section } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { percent } from './number-text.ts';

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
