/** Which curves belong together, for joint training and for plain SFT. */
import type { Curve } from '../../components/chart/chart-data.ts';
import type { Series } from '../../state/series.ts';
import type { RunState } from '../../state/run-state.ts';

export interface ChartSet {
  title: string;
  unit: string;
  help: string;
  curves: Curve[];
  logarithmic?: boolean;
}

export function jointCharts(state: RunState): ChartSet[] {
  const { joint, baseline, neftune, undial } = state.series;
  return [
    {
      title: 'Loss',
      unit: 'nats per answer token',
      help: 'Cross-entropy under the mixed logits (what is optimised), and of each agent alone. Grey: plain SFT continued for as many steps; other baselines where the run has them.',
      curves: [
        { label: 'Mixed', role: 'mixed', series: joint, metric: 'loss' },
        { label: 'Strong', role: 'strong', series: joint, metric: 'strongLoss' },
        { label: 'Weak', role: 'weak', series: joint, metric: 'weakLoss' },
        { label: 'SFT', role: 'baseline', series: baseline, metric: 'loss' },
        { label: 'NEFTune', role: 'rose', series: neftune, metric: 'strongLoss' },
        { label: 'UNDIAL', role: 'lime', series: undial, metric: 'strongLoss' },
      ],
    },
    {
      title: 'Logit margin',
      unit: 'target minus mean of the others',
      help: 'Plain SFT raises it early and then stalls; mixing keeps it growing for the strong agent.',
      curves: [
        { label: 'Mixed', role: 'mixed', series: joint, metric: 'mixedMargin' },
        { label: 'Strong', role: 'strong', series: joint, metric: 'strongMargin' },
        { label: 'Weak', role: 'weak', series: joint, metric: 'weakMargin' },
        { label: 'SFT', role: 'baseline', series: baseline, metric: 'strongMargin' },
        { label: 'NEFTune', role: 'rose', series: neftune, metric: 'strongMargin' },
        { label: 'UNDIAL', role: 'lime', series: undial, metric: 'strongMargin' },
      ],
    },
    {
      title: 'Mass on wrong tokens',
      unit: '1 − p(target)',
      help: 'The gradient on non-target tokens is proportional to this mass.',
      curves: [
        { label: 'Mixed', role: 'mixed', series: joint, metric: 'mixedNonTargetMass' },
        { label: 'Strong', role: 'strong', series: joint, metric: 'strongNonTargetMass' },
      ],
    },
    {
      title: 'Gradient amplification',
      unit: 'mixed / strong mass',
      help: 'How much larger the gradient is through mixing. At 1 the weak agent has caught up and mixing does nothing.',
      curves: [{ label: 'Mixed', role: 'mixed', series: joint, metric: 'gradientAmplification' }],
    },
    {
      title: 'Entropy',
      unit: 'nats per answer token',
      help: 'Uncertainty of each agent on the answer tokens.',
      curves: [
        { label: 'Mixed', role: 'mixed', series: joint, metric: 'mixedEntropy' },
        { label: 'Strong', role: 'strong', series: joint, metric: 'strongEntropy' },
        { label: 'Weak', role: 'weak', series: joint, metric: 'weakEntropy' },
      ],
    },
    {
      title: 'Divergence',
      unit: 'KL(strong ‖ weak), nats',
      help: 'How far the two agents are apart.',
      curves: [{ label: 'KL', role: 'mixed', series: joint, metric: 'divergence' }],
    },
    {
      title: 'Gradient norm',
      unit: 'L2, before clipping',
      help: 'Over all trained parameters, and of each agent.',
      curves: [
        { label: 'All', role: 'mixed', series: joint, metric: 'gradientNorm' },
        { label: 'Strong', role: 'strong', series: joint, metric: 'strongGradientNorm' },
        { label: 'Weak', role: 'weak', series: joint, metric: 'weakGradientNorm' },
        { label: 'SFT', role: 'baseline', series: baseline, metric: 'gradientNorm' },
      ],
    },
    ...commonCharts(state, 'joint'),
  ];
}

export function sftCharts(state: RunState): ChartSet[] {
  const { sft = neftuneOrUndial(state) } = state.series;
  return [
    {
      title: 'Loss',
      unit: 'nats per answer token',
      help: 'Cross-entropy of plain supervised fine-tuning, from the base to m1.',
      curves: [{ label: 'SFT', role: 'baseline', series: sft, metric: 'loss' }],
    },
    {
      title: 'Gradient norm',
      unit: 'L2, before clipping',
      help: 'Over all trained parameters.',
      curves: [{ label: 'SFT', role: 'baseline', series: sft, metric: 'gradientNorm' }],
    },
    {
      title: 'Logit margin',
      unit: 'target minus mean of the others',
      help: 'Grows early, then stalls: this is where weak-driven training takes over.',
      curves: [{ label: 'SFT', role: 'baseline', series: sft, metric: 'strongMargin' }],
    },
    {
      title: 'Entropy',
      unit: 'nats per answer token',
      help: 'Uncertainty on the answer tokens.',
      curves: [{ label: 'SFT', role: 'baseline', series: sft, metric: 'strongEntropy' }],
    },
    ...commonCharts(state, 'sft'),
  ];
}

/** The one training of a run that is nothing else (wds train neftune, wds train undial). */
function neftuneOrUndial({ series }: RunState): Series | undefined {
  return series.neftune ?? series.undial;
}

function commonCharts(state: RunState, stage: 'joint' | 'sft'): ChartSet[] {
  const series = state.series[stage] ?? neftuneOrUndial(state);
  const role = stage === 'joint' ? 'mixed' : 'baseline';
  return [
    {
      title: 'Learning rate',
      unit: 'per step',
      help: 'As the schedule sets it.',
      curves: [{ label: 'Rate', role, series, metric: 'learningRate' }],
    },
    {
      title: 'Throughput',
      unit: 'tokens per second',
      help: 'Tokens that went through the models, padding not counted.',
      curves: [{ label: 'Tokens/s', role, series, metric: 'tokensPerSecond' }],
    },
  ];
}
