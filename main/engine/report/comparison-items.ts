/** The last chapter of an exported comparison: items with the answers of two models each. */
import type { ComparedItem, Comparison } from '../../contract/comparison.ts';
import { questionOf } from '../../contract/question-of.ts';
import { section } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { count } from './number-text.ts';

/** Of each outcome: the first in the file's order, not chosen. */
const listed = 5;
const longestText = 700;

/** The appendix: items of the held-out rows and of every benchmark, outcome by outcome. */
export function itemsSection({ models, evaluation, benchmarks }: Comparison): Markup | null {
  const chapters = [
    ...(evaluation === null ? [] : [{ title: 'Held-out rows', items: evaluation.items }]),
    ...benchmarks.map(({ title, items }) => ({ title, items: items ?? [] })),
  ].flatMap(({ title, items }) => {
    const shown = itemsMarkup(items, models);
    return shown.length === 0 ? [] : [markup`<h3>${title}</h3>`, ...shown];
  });
  return chapters.length === 0 ? null : section('items', 'Items side by side', chapters);
}

/** Each model's answers against the first model's; a model that was not evaluated has none. */
function itemsMarkup(items: readonly ComparedItem[], models: Comparison['models']): Markup[] {
  return models.flatMap((model, candidate) => {
    if (candidate === 0) return [];
    const both = items.filter(({ answers }) => answers[0] && answers[candidate]);
    if (both.length === 0) return [];
    const outcome = ({ answers }: ComparedItem): string =>
      `${answers[0]!.correct} ${answers[candidate]!.correct}`;
    const kinds: [string, string][] = [
      ['Fixed', 'false true'],
      ['Broken', 'true false'],
      ['Still wrong', 'false false'],
    ];
    const groups = kinds.map(([name, wanted]) => {
      const all = both.filter((item) => outcome(item) === wanted);
      const more = all.length > listed ? `, the first ${listed}` : '';
      return [
        markup`<h4>${name} by ${model.label}: ${count(all.length)}${more}</h4>`,
        all.slice(0, listed).map((item) => itemMarkup(item, models, [0, candidate])),
      ];
    });
    return [markup`${groups}`];
  });
}

function itemMarkup(
  { id, prompt, expected, answers }: ComparedItem,
  models: Comparison['models'],
  shown: readonly number[],
): Markup {
  return markup`<article class="item">
    <header><span class="mono">${id}</span> · expected <strong>${shortened(expected)}</strong></header>
    <p class="text">${shortened(questionOf(prompt))}</p>
    <div class="pair">
      ${shown.map((model) => {
        const { text, answer, correct } = answers[model]!;
        return markup`<div class="answer">
          <h4>${models[model]!.label}: <span class="${correct ? 'good' : 'bad'}">${shortened(answer)}</span></h4>
          <p class="text">${shortened(text)}</p>
        </div>`;
      })}
    </div>
  </article>`;
}

/** Beginning and end: the answer stands last. Empty lines are no matter of a report. */
function shortened(text: string): string {
  const dense = text.replace(/\n\s*\n/g, '\n');
  if (dense.length <= longestText) return dense;
  return `${dense.slice(0, (longestText * 2) / 3)} […] ${dense.slice(-longestText / 3)}`;
}
