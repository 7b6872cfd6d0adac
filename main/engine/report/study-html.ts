/** A study as one HTML file that needs nothing else, in the style of the run's report, and its figures alone. */
import type {
  StudyBlockResult,
  StudyCurve,
  StudyResult,
  StudyScore,
} from '../../contract/study.ts';
import { dotPlot } from './chart/dot-plot.ts';
import { lineChart, type DataRole, type Line } from './chart/line-chart.ts';
import { figure, list, section, table } from './html-parts.ts';
import { htmlPage } from './html-page.ts';
import { styleSheet } from './html-style.ts';
import { markup, markupText, type Markup } from './markup.ts';
import { absent, percent, pValue, signedPoints, significant } from './number-text.ts';
import {
  designLines,
  differenceText,
  facts,
  limitLines,
  resultLines,
  seedsText,
} from './study-words.ts';

export function studyHtml(result: StudyResult): string {
  const { study, blocks } = result;
  return htmlPage(
    `${study.title} · study`,
    markup`<p class="kind">Study · Weak-Driven Learning (WMSS)</p>
        <h1>${study.title}</h1>
        <dl class="facts">
          ${facts(result).map(
            ([name, text]) =>
              markup`<dt>${name}</dt>
                <dd>${text}</dd>`,
          )}
        </dl>
        ${section('result', 'Result', list(resultLines(result)))}
        ${section('design', 'What was fixed before', list(designLines(study)))}
        ${blocks.map((block) => blockSection(result, block))}
        ${section('limits', 'Limits', list(limitLines(result)))}`,
  );
}

function blockSection(result: StudyResult, block: StudyBlockResult): Markup {
  if (block.scores.length === 0) {
    return section(block.name, block.title, markup`<p>Not run.</p>`);
  }
  const drawings = drawingsOf(result, block);
  return section(block.name, block.title, [
    markup`<p>${seedsText(block)}</p>`,
    figure(drawings.accuracy, 'Held-out accuracy: mean over seeds, Student’s 95 % interval.'),
    table(
      `Held-out accuracy in percent (${block.heldOut} items a seed), and beyond the trained difficulty (${block.outOfDistribution} items).`,
      [
        { title: 'Model' },
        { title: 'Steps', isNumber: true },
        { title: 'Accuracy', isNumber: true },
        { title: 'Beyond', isNumber: true },
        { title: 'Loss', isNumber: true },
        { title: 'Cost of a step', isNumber: true },
      ],
      block.scores.map((score) => ({
        cells: [
          score.title,
          String(score.steps),
          intervalText(score.accuracy),
          intervalText(score.outOfDistribution),
          significant(score.loss.mean, 3),
          score.stepCost === null ? absent : `${score.stepCost.toFixed(2)}×`,
        ],
      })),
    ),
    table(
      'Differences of accuracy in percentage points, on the same items and seeds.',
      [
        { title: 'Arm' },
        { title: 'Against' },
        { title: 'Difference', isNumber: true },
        { title: 'Bootstrap 95 %', isNumber: true },
        { title: 'Fixed', isNumber: true },
        { title: 'Broken', isNumber: true },
        { title: 'McNemar', isNumber: true },
      ],
      block.scores.flatMap((score) =>
        score.effects.map((effect) => ({
          cells: [
            score.title,
            result.study.arms[effect.reference]?.title ?? effect.reference,
            differenceText(effect),
            `${signedPoints(effect.bootstrap.low)} to ${signedPoints(effect.bootstrap.high)}`,
            String(effect.fixed),
            String(effect.broken),
            pValue(effect.pValue),
          ],
        })),
      ),
    ),
    markup`<div class="pair">
      ${figure(drawings.margin, 'Logit margin over steps on the training tokens: SFT, then each arm.')}
      ${figure(drawings.mass, 'Probability on wrong tokens, which the gradient is proportional to; under the mixture for the weak-driven arm.')}
    </div>`,
    levelTable(block),
  ]);
}

function levelTable({ scores }: StudyBlockResult): Markup {
  const levels = Object.keys(scores[0]!.levels);
  return table(
    'By difficulty: accuracy in percent, then logit margin and entropy (nats) on the reference answers.',
    [{ title: 'Model' }, ...levels.map((level) => ({ title: level, isNumber: true }))],
    scores.map(({ title, levels: own }) => ({
      cells: [
        title,
        ...levels.map((level) => {
          const { accuracy, margin, entropy } = own[level]!;
          return `${percent(accuracy)} · ${margin.toFixed(1)} · ${entropy.toFixed(2)}`;
        }),
      ],
    })),
  );
}

export function intervalText({ mean, low, high }: StudyScore['accuracy']): string {
  const text = (100 * mean).toFixed(1);
  return low === high ? text : `${text} ± ${(100 * (mean - low)).toFixed(1)}`;
}

const shownArms: readonly [arm: string, role: DataRole][] = [
  ['sft-more', 'baseline'],
  ['weak-driven', 'strong'],
  ['neftune', 'weak'],
  ['undial', 'mixed'],
];

interface Drawings {
  accuracy: Markup | null;
  margin: Markup | null;
  mass: Markup | null;
}

function drawingsOf({ study }: StudyResult, block: StudyBlockResult): Drawings {
  const scoreOf = (arm: string) => block.scores.find((score) => score.arm === arm);
  const role = (arm: string): DataRole | 'plain' =>
    shownArms.find(([name]) => name === arm)?.[1] ?? 'plain';
  const lines = (of: (curve: StudyCurve) => number[]): Line[] =>
    [['sft', 'baseline'] as const, ...shownArms].flatMap(([arm, lineRole]) => {
      const score = scoreOf(arm);
      if (!score?.curve) return [];
      const mean = of(score.curve);
      const offset = arm === 'sft' ? 0 : study.sft.steps;
      const step = score.curve.step.map((value) => value + offset);
      const curve = { metric: 'loss' as const, step, mean, low: mean, high: mean };
      return [{ name: shortened(score.title, 12), role: lineRole, curve }];
    });
  const mass = ({ mixedMass, nonTargetMass }: StudyCurve): number[] =>
    mixedMass.length > 0 ? mixedMass : nonTargetMass;
  return {
    accuracy: dotPlot(
      block.scores.map(({ arm, title, accuracy }) => {
        return {
          name: shortened(title, 18),
          role: role(arm),
          value: accuracy.mean,
          low: accuracy.low,
          high: accuracy.high,
        };
      }),
      `Accuracies of ${block.title}`,
    ),
    margin: lineChart({
      yName: 'logit margin',
      description: `Logit margins of ${block.title}`,
      lines: lines(({ margin }) => margin),
    }),
    mass: lineChart({
      yName: 'mass on wrong tokens',
      description: `Mass on wrong tokens of ${block.title}`,
      lines: lines(mass),
    }),
  };
}

function shortened(title: string, length: number): string {
  return title.length <= length ? title : `${title.slice(0, length - 1).trimEnd()}…`;
}

/** Each drawing as an SVG file of its own, for the Markdown page. */
export function studyFigures(result: StudyResult): { name: string; svg: string }[] {
  return result.blocks.flatMap((block) =>
    Object.entries(drawingsOf(result, block) as unknown as Record<string, Markup | null>).flatMap(
      ([name, drawing]) => {
        if (drawing === null) return [];
        const text = markupText(drawing).trim();
        const opening = text.slice(0, text.indexOf('>') + 1);
        const start = opening.includes('xmlns=')
          ? opening
          : opening.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
        return [
          {
            name: `${block.name}-${name}.svg`,
            svg: `${start}<style>${styleSheet} svg { font-family: system-ui, sans-serif; }</style>${text.slice(opening.length)}\n`,
          },
        ];
      },
    ),
  );
}
