/** A comparison as one HTML file that needs nothing else, in the style of the run's report. */
import type { Comparison } from '../../contract/comparison.ts';
import { benchmarksSection, generationsSection, heldOutSection } from './comparison-answers.ts';
import { entropySection, tokensSection } from './comparison-certainty.ts';
import { itemsSection } from './comparison-items.ts';
import { curvesSection, weightsSection } from './comparison-measures.ts';
import { comparisonFindings } from './comparison-findings.ts';
import { list, section, table } from './html-parts.ts';
import { htmlPage } from './html-page.ts';
import type { Markup } from './markup.ts';
import { markup } from './markup.ts';
import { absent } from './number-text.ts';

export function comparisonHtml(comparison: Comparison): string {
  const { models, missing } = comparison;
  const title = titleOf(models);
  return htmlPage(
    `${title} · comparison`,
    markup`<p class="kind">Comparison · Weak-Driven Learning (WMSS)</p>
        <h1>${title}</h1>
        <dl class="facts">
          ${models.map(
            ({ label, folder }, index) =>
              markup`<dt>${index === 0 ? `${label} (baseline)` : label}</dt>
                <dd class="long mono">${folder ?? absent}</dd>`,
          )}
        </dl>
        ${[
          abstract(comparison),
          heldOutSection(comparison),
          benchmarksSection(comparison),
          settingsSection(comparison),
          curvesSection(comparison),
          entropySection(comparison),
          tokensSection(comparison),
          weightsSection(comparison),
          generationsSection(comparison),
          itemsSection(comparison),
          missing.length === 0 ? null : section('missing', 'Not compared', list(missing)),
        ]}`,
  );
}

/** The name of a run that all of them are of stands once. */
function titleOf(models: Comparison['models']): string {
  const [first, ...others] = models;
  const run = models.every(({ runId }) => runId === first!.runId) ? first!.runName : undefined;
  const names = others.map(({ label, member }) => (run && member) || label).join(', ');
  const baseline = (run && first!.member) || first!.label;
  return `${run ? `${run}: ` : ''}${names} against ${baseline}`;
}

function abstract(comparison: Comparison): Markup | null {
  const findings = comparisonFindings(comparison);
  if (findings.length === 0) return null;
  const several =
    findings.length > 2
      ? ' Several comparisons at once find a difference by chance more often than one.'
      : '';
  return markup`<div class="abstract">
    <p><span class="lead">Result.</span> ${findings.join(' ')}${several}</p>
  </div>`;
}

function settingsSection({ models, settings }: Comparison): Markup | null {
  if (models.every(({ runId }) => runId === undefined)) return null;
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
