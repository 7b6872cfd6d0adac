/** Chapters of an exported comparison about what models answer: held-out rows, benchmarks, a prompt. */
import type { ComparedBenchmark, Comparison } from '../../contract/comparison.ts';
import type { PairedComparison } from '../../contract/report.ts';
import type { Dot } from './chart/dot-plot.ts';
import { dotPlot } from './chart/dot-plot.ts';
import { roleOf } from './comparison-measures.ts';
import { figure, section, table } from './html-parts.ts';
import type { Insertable, Markup } from './markup.ts';
import { markup } from './markup.ts';
import {
  absent,
  count,
  duration,
  percent,
  pValue,
  signedPoints,
  significant,
} from './number-text.ts';

type Difference = Pick<
  PairedComparison,
  'difference' | 'low' | 'high' | 'pValue' | 'fixed' | 'broken'
>;

const differenceColumns = ['Difference', '95 % interval', 'p', 'Fixed', 'Broken'];

function differenceCells(pair: Difference | null | undefined): Insertable[] {
  if (!pair) return differenceColumns.map(() => absent);
  return [
    signedPoints(pair.difference),
    `${signedPoints(pair.low)} to ${signedPoints(pair.high)}`,
    pValue(pair.pValue).replace(/^p (= )?/, ''),
    count(pair.fixed),
    count(pair.broken),
  ];
}

const paired =
  'Differences from the first model in percentage points on the same items, with Newcombe’s 95 % interval and McNemar’s exact test (two-sided). Several comparisons at once find a difference by chance more often than one.';

export function heldOutSection(comparison: Comparison): Markup | null {
  const { models, evaluation } = comparison;
  if (evaluation === null) return null;
  const { scores, file } = evaluation;
  const dots = scores.flatMap((score, index): Dot[] => {
    if (score?.accuracy === undefined) return [];
    const { accuracy: value, accuracyLow: low = value, accuracyHigh: high = value } = score;
    return [{ name: models[index]!.label, role: roleOf(index), value, low, high }];
  });
  const rows = scores.map((score, index) => ({
    cells: [
      models[index]!.label,
      score?.accuracy === undefined ? absent : `${percent(score.accuracy)} of ${score.items}`,
      significant(score?.loss),
      significant(score?.entropy),
      ...differenceCells(evaluation.paired[index]),
    ],
  }));
  return section('evaluation', 'Held-out rows', [
    figure(dotPlot(dots, 'Accuracy of each model with its 95 % interval'), [
      'Share of items answered correctly, with 95 % Wilson intervals. Items: ',
      markup`<span class="mono long">${file}</span>.`,
    ]),
    table(paired, columns(['Accuracy', 'Loss', 'Entropy', ...differenceColumns]), rows),
  ]);
}

export function benchmarksSection({ models, benchmarks }: Comparison): Markup | null {
  if (benchmarks.length === 0) return null;
  const chapters = benchmarks.map((benchmark) => [
    markup`<h3>${benchmark.title}</h3>`,
    benchmarkTable(benchmark, models),
  ]);
  return section('benchmarks', 'Benchmarks', chapters);
}

function benchmarkTable(benchmark: ComparedBenchmark, models: Comparison['models']): Markup {
  const { scores, settings, file, sha256 } = benchmark;
  const sampled = settings.samples > 1;
  const decoding = settings.temperature === 0 ? 'greedy' : `temperature ${settings.temperature}`;
  const statistics = sampled
    ? `mean@${settings.samples} with 95 % intervals; differences by paired bootstrap over the items (10,000 resamples).`
    : 'accuracy with Wilson’s 95 % interval; differences with Newcombe’s interval and McNemar’s exact test.';
  const passes = scores.find((score) => score !== null)?.passAt.map(({ k }) => k) ?? [];
  const rows = scores.map((score, index) => ({
    cells: [
      models[index]!.label,
      score === null ? absent : percent(score.mean.value),
      score === null ? absent : `${percent(score.mean.low)} to ${percent(score.mean.high)}`,
      ...passes.map((k) => percent(score?.passAt.find((each) => each.k === k)?.value)),
      score === null ? absent : count(score.items),
      ...differenceCells(benchmark.paired[index]),
    ],
  }));
  const names = ['Score', '95 % interval', ...passes.map((k) => `pass@${k}`), 'n'];
  return table(
    [
      `${decoding}, at most ${count(settings.maxNewTokens)} new tokens, seed ${settings.seed}: ${statistics} Items: `,
      markup`<span class="mono long">${file}</span> (<span class="mono">${sha256.slice(0, 12)}</span>). Generations: ${scores.flatMap(
        (score) =>
          score === null ? [] : [markup`<span class="mono long">${score.folder}</span> `],
      )}`,
    ],
    columns([...names, ...differenceColumns]),
    rows,
  );
}

export function generationsSection({ models, generations }: Comparison): Markup | null {
  if (generations === null) return null;
  const { prompt, temperature, seed, maxNewTokens, answers } = generations;
  const sampling = temperature === 0 ? 'greedy' : `temperature ${temperature}, seed ${seed}`;
  return section('generations', 'One prompt to all of them', [
    markup`<p class="text">${prompt}</p>
      <p class="kind">${sampling}, at most ${count(maxNewTokens)} new tokens</p>`,
    markup`<article class="item"><div class="pair">
      ${answers.map(
        (answer, index) =>
          markup`<div class="answer">
            <h4>${models[index]!.label}</h4>
            ${
              'error' in answer
                ? markup`<p class="text bad">${answer.error.message}</p>`
                : markup`<p class="text">${answer.text}</p>
                    <p class="kind">${count(answer.ids.length)} tokens in ${duration(answer.seconds)}, ${
                      answer.finishReason === 'stop' ? 'ended by itself' : 'reached the limit'
                    }</p>`
            }
          </div>`,
      )}
    </div></article>`,
  ]);
}

function columns(numbers: readonly string[]): { title: string; isNumber?: boolean }[] {
  return [{ title: 'Model' }, ...numbers.map((title) => ({ title, isNumber: true }))];
}
