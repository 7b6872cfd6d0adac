/** The chapter of training curves: small multiples on one scale of steps, each with what it tells. */
import type { ReportedTraining, RunReport } from '../../contract/report.ts';
import type { StepMetric } from '../../contract/runs.ts';
import type { DataRole, Line, LineChart } from './chart/line-chart.ts';
import { fewestSmoothed, lineChart } from './chart/line-chart.ts';
import { figure, section, sourceNote, table } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { count, duration } from './number-text.ts';

type Chosen = readonly [StepMetric, string, DataRole];

export function curvesSection(report: RunReport): Markup | null {
  if (report.training.length === 0) return null;
  const of = (name: string) => report.training.find(({ stage }) => stage === name);
  const [sft, joint, baseline] = [of('sft'), of('joint'), of('baseline')];
  const continued: Line[] = linesOf(baseline, [['loss', 'SFT, cont.', 'baseline']]);
  const source = sourceNote(report.run.source);
  const draw = (chart: LineChart, caption: string): Markup | null =>
    figure(lineChart(chart), [caption, ' ', source]);
  const figures = [
    draw(
      chartOf('loss (nats)', 'Loss of SFT', linesOf(sft, [['loss', 'SFT', 'baseline']])),
      'Supervised fine-tuning: training loss.',
    ),
    draw(
      chartOf('loss (nats)', 'Losses of joint training', [
        ...linesOf(joint, [
          ['loss', 'mixed', 'mixed'],
          ['strongLoss', 'strong', 'strong'],
          ['weakLoss', 'weak', 'weak'],
        ]),
        ...continued,
      ]),
      'Joint training: the optimised loss of the mixed logits, and those of strong and weak model alone on the same tokens; for comparison SFT continued, on its own rows.',
    ),
    draw(
      chartOf(
        'entropy (nats)',
        'Entropies in joint training',
        linesOf(joint, [
          ['mixedEntropy', 'mixed', 'mixed'],
          ['strongEntropy', 'strong', 'strong'],
          ['weakEntropy', 'weak', 'weak'],
        ]),
      ),
      'Entropy of the predictions of the answer tokens.',
    ),
    draw(
      chartOf(
        'logit margin',
        'Logit margins in joint training',
        linesOf(joint, [
          ['mixedMargin', 'mixed', 'mixed'],
          ['strongMargin', 'strong', 'strong'],
          ['weakMargin', 'weak', 'weak'],
        ]),
      ),
      'Logit margin: the target’s logit minus the mean of all others. Where it stalls, SFT has saturated.',
    ),
    draw(
      {
        ...chartOf(
          'amplification',
          'Gradient amplification',
          linesOf(joint, [['gradientAmplification', 'mixed', 'mixed']]),
        ),
        reference: { value: 1, name: 'no effect' },
      },
      'Gradient amplification: probability mass on wrong tokens under the mixed logits over that under the strong model alone. Above 1 the weak agent brings gradient back.',
    ),
    draw(
      chartOf(
        'mass on wrong tokens',
        'Mass on wrong tokens',
        linesOf(joint, [
          ['mixedNonTargetMass', 'mixed', 'mixed'],
          ['strongNonTargetMass', 'strong', 'strong'],
        ]),
      ),
      'The two masses themselves: 1 minus the probability of the target.',
    ),
    draw(
      chartOf('gradient norm', 'Gradient norms', [
        ...linesOf(joint, [
          ['gradientNorm', 'joint', 'mixed'],
          ['strongGradientNorm', 'strong', 'strong'],
          ['weakGradientNorm', 'weak', 'weak'],
        ]),
        ...linesOf(baseline, [['gradientNorm', 'SFT, cont.', 'baseline']]),
      ]),
      'L2 norm of the gradient before clipping: all trained parameters (joint), and those of each model.',
    ),
    draw(
      {
        ...chartOf('learning rate', 'Learning rates', [
          ...linesOf(joint, [['learningRate', 'joint', 'mixed']]),
          ...linesOf(sft, [['learningRate', 'SFT', 'baseline']]),
        ]),
        smooth: true,
      },
      'Learning rate over the steps of each stage.',
    ),
  ];
  const grouped = Math.max(...report.training.map(({ stepsPerPoint }) => stepsPerPoint));
  const isSmoothed = report.training.some(({ curves }) =>
    curves.some(({ step }) => step.length >= fewestSmoothed),
  );
  const grouping =
    grouped > 1
      ? ` Up to ${count(grouped)} steps share a point; the shaded band reaches from their smallest to their largest value.`
      : '';
  return section('curves', 'Training curves', [
    isSmoothed
      ? markup`<p>
          Faint lines are the values as measured, strong ones their centred moving mean over a
          twentieth of the steps.${grouping}
        </p>`
      : null,
    markup`<div class="pair">${figures}</div>`,
    trainingTable(report, source),
  ]);
}

function trainingTable({ training }: RunReport, source: Markup): Markup {
  return table(
    ['Amount of training. ', source],
    [
      { title: 'Stage' },
      { title: 'Steps', isNumber: true },
      { title: 'Tokens', isNumber: true },
      { title: 'Answer tokens', isNumber: true },
      { title: 'Time', isNumber: true },
      { title: 'Tokens/s', isNumber: true },
    ],
    training.map(({ stage, steps, plannedSteps, tokens, answerTokens, seconds }) => ({
      cells: [
        markup`<span class="mono">${stage}</span>`,
        steps === plannedSteps ? count(steps) : `${count(steps)} of ${count(plannedSteps)}`,
        count(tokens),
        count(answerTokens),
        duration(seconds),
        count(tokens / seconds),
      ],
    })),
  );
}

function chartOf(yName: string, description: string, lines: Line[]): LineChart {
  return { yName, description, lines };
}

function linesOf(training: ReportedTraining | undefined, chosen: readonly Chosen[]): Line[] {
  return chosen.flatMap(([metric, name, role]) => {
    const curve = training?.curves.find((one) => one.metric === metric);
    return curve ? [{ name, role, curve }] : [];
  });
}
