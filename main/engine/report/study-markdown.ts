/** A study as Markdown, for the repository: the tables of the HTML page, with the figures beside it. */
import type { StudyBlockResult, StudyResult } from '../../contract/study.ts';
import { absent, pValue, signedPoints } from './number-text.ts';
import { intervalText } from './study-html.ts';
import {
  designLines,
  differenceText,
  facts,
  limitLines,
  resultLines,
  seedsText,
} from './study-words.ts';

export function studyMarkdown(result: StudyResult): string {
  const { study, blocks } = result;
  const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
  return [
    `# ${study.title}`,
    'Written by `wds study` from the files of the study; nothing here is typed in by hand.',
    list(facts(result).map(([name, text]) => `${name}: ${text}`)),
    '## Result',
    list(resultLines(result)),
    '## What was fixed before',
    list(designLines(study)),
    ...blocks.map((block) => blockText(result, block)),
    '## Limits',
    list(limitLines(result)),
    '',
  ].join('\n\n');
}

function blockText(result: StudyResult, block: StudyBlockResult): string {
  const { study } = result;
  if (block.scores.length === 0) return `## ${block.title}\n\nNot run.`;
  const picture = (name: string, text: string): string =>
    `![${text}](figures/${block.name}-${name}.svg)`;
  const levels = Object.keys(block.scores[0]!.levels);
  return [
    `## ${block.title}`,
    `${seedsText(block)} ${block.heldOut} held-out items a seed, ${block.outOfDistribution} beyond the trained difficulty; accuracy in percent, mean ± half of the 95 % interval over seeds.`,
    table(
      ['Model', 'Steps', 'Accuracy', 'Beyond', 'Loss', 'Cost of a step'],
      block.scores.map((score) => [
        score.title,
        String(score.steps),
        intervalText(score.accuracy),
        intervalText(score.outOfDistribution),
        score.loss.mean.toPrecision(3),
        score.stepCost === null ? absent : `${score.stepCost.toFixed(2)}×`,
      ]),
    ),
    'Differences in percentage points, on the same items and seeds:',
    table(
      ['Arm', 'Against', 'Difference (t)', 'Bootstrap 95 %', 'Fixed', 'Broken', 'McNemar'],
      block.scores.flatMap((score) =>
        score.effects.map((effect) => [
          score.title,
          study.arms[effect.reference]?.title ?? effect.reference,
          differenceText(effect),
          `${signedPoints(effect.bootstrap.low)} to ${signedPoints(effect.bootstrap.high)}`,
          String(effect.fixed),
          String(effect.broken),
          pValue(effect.pValue),
        ]),
      ),
    ),
    picture('accuracy', `Accuracies of ${block.title}`),
    'Mechanism, on the training tokens of each step: the logit margin, and the probability on wrong tokens (under the mixture for the weak-driven arm), which the gradient is proportional to.',
    `${picture('margin', 'Logit margin over steps')} ${picture('mass', 'Mass on wrong tokens over steps')}`,
    'By difficulty: accuracy (percent) · logit margin · entropy (nats) of the reference answers.',
    table(
      ['Model', ...levels],
      block.scores.map(({ title, levels: own }) => [
        title,
        ...levels.map((level) => {
          const { accuracy, margin, entropy } = own[level]!;
          return `${(100 * accuracy).toFixed(1)} · ${margin.toFixed(1)} · ${entropy.toFixed(2)}`;
        }),
      ]),
    ),
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, column) => (column === 0 ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}
