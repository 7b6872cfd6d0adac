/** Chapters of an exported comparison on how sure the models are: of each sample, of each answer token. */
import type { Comparison, TokenSpread } from '../../contract/comparison.ts';
import { outlineChart } from './chart/outline-chart.ts';
import { scatterChart } from './chart/scatter-chart.ts';
import { roleOf } from './comparison-measures.ts';
import { entropyScatter } from './entropy-scatter.ts';
import { figure, section, table } from './html-parts.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { absent, count, significant } from './number-text.ts';

const shiftBins = 24;

export function entropySection({ models, entropy }: Comparison): Markup | null {
  if (entropy === null) return null;
  const first = entropy.entropies.findIndex((values) => values !== null);
  const before = entropy.entropies[first]!;
  const rows = entropy.rows === 'held-out' ? 'held-out items' : 'training rows';
  const others = entropy.entropies.flatMap((after, index) =>
    after === null || index === first
      ? []
      : [{ index, after, shifts: Array.from(after, (value, row) => value - before[row]!) }],
  );
  const scatters = others.map(({ index, after, shifts }) => {
    const weight = 1 / after.length;
    const points = Array.from(after, (entropy1, row) => {
      return { entropy0: before[row]!, entropy1, weight, term: 0 };
    });
    const fell = shifts.filter((shift) => shift < 0).length;
    const mean = shifts.reduce((sum, shift) => sum + shift, 0) / shifts.length;
    const names = {
      xName: `${models[first]!.label} (nats)`,
      yName: `${models[index]!.label} (nats)`,
      description: `Entropy of each row under ${models[first]!.label} and ${models[index]!.label}`,
    };
    return figure(
      scatterChart(entropyScatter(points), names),
      `${models[index]!.label} is surer than ${models[first]!.label} on ${count(fell)} of ${count(shifts.length)} ${rows}; the mean entropy changes by ${significant(mean, 3)} nats. A dot is a row; below the diagonal it became surer.`,
    );
  });
  const reach = others
    .flatMap(({ shifts }) => shifts)
    .reduce((most, shift) => Math.max(most, Math.abs(shift)), 1e-6);
  const width = (2 * reach) / shiftBins;
  const histogram = figure(
    outlineChart({
      edges: Array.from({ length: shiftBins + 1 }, (_, edge) => edge * width - reach),
      outlines: others.map(({ index, shifts }) => ({
        name: models[index]!.member ?? models[index]!.label,
        role: roleOf(index),
        shares: sharesOf(shifts, (shift) => Math.floor((shift + reach) / width), shiftBins),
      })),
      xName: 'change of the entropy (nats)',
      of: 'rows',
      description: 'Share of rows by the change of their entropy',
    }),
    `Change of each row’s entropy from ${models[first]!.label}; left of 0 it became surer.`,
  );
  return section(
    'entropy',
    'Entropy of each sample',
    markup`<div class="pair">${[...scatters, histogram]}</div>`,
  );
}

function sharesOf(values: readonly number[], binOf: (value: number) => number, bins: number) {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[Math.min(bins - 1, binOf(value))]! += 1;
  return counts.map((each) => each / values.length);
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
            of: 'tokens',
            description: 'Share of answer tokens by logit margin',
          }),
          'Logit margin: the target’s logit minus the mean of all others. Right is surer.',
        ),
        figure(
          outlineChart({
            edges: tokens.massEdges,
            outlines: outlines('mass'),
            xName: 'log₁₀ of the mass on wrong tokens',
            of: 'tokens',
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
