/** Two models of one run side by side: what the page shows is what `wds compare` says. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Comparison, ComparisonFormat } from '../main/contract/comparison.ts';
import type { GeneratedBeside } from '../main/contract/generation.ts';
import type { RequestInput } from '../main/contract/requests.ts';
import { wds } from './command-line.ts';
import { patience, waitFor } from './run-states.ts';
import {
  baseModel,
  expect,
  projectFolder,
  smallRun,
  test,
  trainedModel,
  trainingData,
} from './studio.ts';
import type { Studio } from './studio.ts';

const pictures = join(projectFolder, 'test-results', 'screenshots');

/** What `wds` keeps is not found by the app, and is gone with the test. */
test.beforeEach(({ home }) => {
  process.env['WDS_HOME'] = join(home, 'wds');
});
test.afterEach(() => {
  delete process.env['WDS_HOME'];
});

test('a run beside its own baseline: answers, items, entropies, weights, a prompt, a file', async ({
  studio,
  home,
}) => {
  const { page } = studio;
  const run = await studio.ask('runs.create', {
    config: {
      ...smallRun('Compared'),
      baseline: true,
      evaluation: { heldOut: trainingData, limit: 12, maxNewTokens: 12 },
    },
    start: 'now',
  });
  await waitFor(studio, run.id, 'finished');
  const folder = join(home, 'data', 'runs', run.id);
  const said = (await wds(['compare', `${folder}:baseline`, folder])).document as Comparison;

  await studio.go(`/compare/${run.id}`);
  const scores = page.getByRole('table', { name: 'Answers by model' });
  await expect(scores.getByRole('row')).toHaveCount(3);
  const row = scores.getByRole('row', { name: /weak-driven/ });
  const accuracy = said.evaluation?.scores[1]?.accuracy ?? NaN;
  await expect(row).toContainText(`${(100 * accuracy).toFixed(1)} %`);

  const items = said.evaluation?.items ?? [];
  const wrong = items.filter(({ answers }) => answers.every((answer) => answer?.correct === false));
  await page.getByText(`Still wrong ${wrong.length}`).click();
  const listed = page.getByRole('group', { name: 'Item by item' }).getByRole('button');
  await expect(listed).toHaveCount(Math.min(12, wrong.length));
  await listed.first().click();
  await expect(page.getByRole('group', { name: 'Item by item' })).toContainText(
    wrong[0]?.answers[0]?.text.split('\n')[0] ?? 'no item',
  );

  const scatter = page.getByRole('img', { name: /Scatter of 12 samples/ });
  await expect(scatter).toBeVisible();

  const fell = page.getByRole('group', { name: 'Fell most' }).getByRole('button').first();
  const id = (await fell.innerText()).split(' ')[0] ?? '';
  await fell.click();
  const picked = page.locator(`[data-item="${id}"]`);
  await expect(picked.getByRole('button', { expanded: true })).toBeVisible();

  await page.getByRole('button', { name: 'Measure on up to 200 rows' }).click();
  const margins = page.getByRole('table', { name: 'Margins and mass by model' });
  await expect(margins.getByRole('row')).toHaveCount(3);
  // Kept: the command line, which measures the same, finds the same.
  const mean = said.tokens?.models[1]?.margin.mean ?? NaN;
  await expect(margins.getByRole('row', { name: /weak-driven/ })).toContainText(
    mean.toPrecision(4),
  );

  await look(studio);
  await page.getByRole('button', { name: 'Read the weights' }).click();
  const map = page.getByRole('table', { name: /Distance from the baseline/ });
  await expect(map).toBeVisible();
  const share = said.weights?.models[1]?.relative[0]?.[0] ?? NaN;
  const name = `Layer 0, q_proj: ${(100 * share).toFixed(3)} %`;
  await expect(map.getByTitle(name)).toBeVisible();

  await page.getByRole('textbox', { name: 'Prompt' }).fill('What is 1 + 2?');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  await expect(
    page.getByText(/\d+ tokens? in .*, (ended by itself|reached the limit)/),
  ).toHaveCount(2);

  await exportAll(studio, [{ runId: run.id, member: 'baseline' }, { runId: run.id }]);
});

/** HTML and JSON hold every chapter; the PDF is a PDF of some pages. */
async function exportAll(
  { ask, home }: Studio,
  models: RequestInput<'compare'>['models'],
  generations: GeneratedBeside | null = null,
): Promise<Comparison> {
  const fileOf = async (format: ComparisonFormat): Promise<Buffer> => {
    const file = join(home, `comparison.${format}`);
    await ask('compare.export', { models, format, generations, file });
    return readFileSync(file);
  };
  const html = (await fileOf('html')).toString('utf8');
  for (const chapter of ['Held-out rows', 'Curves', 'Entropy of each sample', 'Margins']) {
    expect(html).toMatch(new RegExp(`<h2>${chapter}`));
  }
  const pdf = await fileOf('pdf');
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)!.length).toBeGreaterThan(2);
  return JSON.parse((await fileOf('json')).toString('utf8')) as Comparison;
}

/** Whole pages in both themes, to be looked at. */
async function look({ page, ask }: Studio): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await ask('settings.set', { theme });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
    for (const title of ['Benchmarks', 'Margins and non-target mass', 'Ask them all']) {
      const card = page.locator('.mantine-Paper-root', {
        has: page.getByText(title, { exact: true }),
      });
      await card.first().screenshot({
        path: join(pictures, `compare-${title.split(' ')[0]?.toLowerCase()}-${theme}.png`),
        animations: 'disabled',
      });
    }
  }
}

/** A task of one's own on the run's held-out rows, so that a benchmark's answers are whole sentences. */
function writeTask(home: string): { task: string; data: string } {
  const [task, data] = [join(home, 'sums.yaml'), join(home, 'sums.jsonl')];
  const rows = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ question: `What is ${index} + 1?`, answer: `${index + 1}` }),
  );
  writeFileSync(data, `${rows.join('\n')}\n`);
  writeFileSync(
    task,
    'name: sums\ntitle: Small sums\nanswer: { kind: number }\nsystem: none\nmaxNewTokens: 16\n',
  );
  return { task, data };
}

test('two folders on a benchmark: evaluated, compared item by item, asked, stopped, measured', async ({
  studio,
  home,
}) => {
  const { page, ask } = studio;
  const { task, data } = writeTask(home);
  const requests = [baseModel, trainedModel].map((model) => ({ model, task, data }));
  await ask('evaluations.start', { requests });
  await expect
    .poll(async () => (await ask('evaluations.list', {})).finished.length, { timeout: patience })
    .toBe(2);

  const names = [baseModel, trainedModel];
  await studio.go(`/compare/${names.map(encodeURIComponent).join(',')}`);
  const scores = page.getByRole('table', { name: 'Small sums by model' });
  await expect(scores.getByRole('row')).toHaveCount(3);
  const models = names.map((path) => ({ path }));
  const { benchmarks } = await ask('compare', { models });
  const [first, second] = benchmarks[0]?.scores ?? [];
  await expect(scores.getByRole('row', { name: /base/ })).toContainText(
    `${(100 * (first?.mean.value ?? NaN)).toFixed(1)} %`,
  );
  expect(second?.items).toBe(12);
  await page.getByRole('button', { name: 'Item by item' }).click();
  const list = page.getByRole('group', { name: 'Small sums, item by item' });
  const kinds = page.getByRole('radiogroup', { name: 'Which items' });
  const { items } = await ask('compare.items', { models, benchmark: benchmarks[0]?.key ?? '' });
  const wrong = (items ?? []).filter(({ answers }) => answers.every((one) => !one?.correct));
  await kinds.getByText(`Still wrong ${wrong.length}`).click();
  await expect(list.getByRole('button')).toHaveCount(wrong.length);
  if (wrong.length > 0) {
    await list.getByRole('button').first().click();
    await expect(list).toContainText('What is');
  }

  // Streamed: a part is there before the end, and what was said stays when it is stopped.
  await page.getByRole('textbox', { name: 'Prompt' }).fill('Count up from one.');
  await page.getByLabel('New tokens').fill('1500');
  await page.getByLabel('Temperature').fill('1.5');
  await page.getByRole('button', { name: 'Generate', exact: true }).click();
  const said = page.getByRole('group', { name: 'Answers to the prompt' });
  await expect(said.getByText(/\d+ tokens so far/)).toHaveCount(2);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(said.getByText(/\d+ tokens, stopped/)).toHaveCount(2);
  await page.getByLabel('New tokens').fill('24');
  const again = async (): Promise<string> => {
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    await expect(said.getByText(/\d+ tokens in/)).toHaveCount(2);
    return (await said.innerText()).replace(/ in [^,]+,/g, ',');
  };
  expect(await again()).toBe(await again());

  const { document } = await wds(
    ['compare', ...names],
    ['--data', trainingData],
    ['--prompt', 'What is 1 + 2?'],
  );
  const compared = document as Comparison;
  expect(compared.tokens?.models[1]?.tokens).toBeGreaterThan(100);
  const shares = compared.tokens?.models[1]?.margin.counts.reduce((sum, each) => sum + each, 0);
  expect(shares).toBe(compared.tokens?.models[1]?.tokens);
  const asked = await ask('generate', {
    id: randomUUID(),
    models,
    prompt: 'What is 1 + 2?',
  });
  const texts = (generations: GeneratedBeside | null) =>
    generations?.answers.map((answer) => ('error' in answer ? '' : answer.ids));
  expect(texts(asked)).toEqual(texts(compared.generations));
});
