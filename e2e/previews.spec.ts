/** What the wizard shows before a run is what `wds` computes from the same inputs. */
import type { Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleDocument, WeightLine } from '../main/contract/artifacts.ts';
import { wds } from './command-line.ts';
import { stageFolder, waitFor } from './run-states.ts';
import { baseModel, expect, smallRun, test, trainedModel } from './studio.ts';

/** The value that stands under its name. */
function figure(page: Page, label: string): Locator {
  return page.getByText(label, { exact: true }).locator('xpath=following-sibling::*[1]');
}

/** "12.345 %" -> 0.12345 */
function share(text: string | undefined): number {
  return Number((text ?? '').replace(/[^0-9.e−-]/g, '').replace('−', '-')) / 100;
}

for (const scheme of ['discrepancy', 'brownboost'] as const) {
  test(`the curriculum’s weights, draws and sizes are those of wds curriculum, ${scheme}`, async ({
    studio,
    home,
  }) => {
    const { page } = studio;
    const run = await studio.ask('runs.create', {
      config: {
        ...smallRun('Measured', 6),
        checkpoints: { everySteps: 3, keep: 2 },
        curriculum: { scheme },
      },
      start: 'now',
    });
    await waitFor(studio, run.id, 'finished');
    await studio.go(`/new/${run.id}`);
    await page.getByRole('button', { name: 'Curriculum', exact: true }).click();
    const table = page.getByRole('table', { name: 'Rows with the most weight' });
    await expect(table).toBeVisible();

    const middle = scheme === 'brownboost' ? (['entropy-middle'] as const) : [];
    const stages = ['entropy-0', ...middle, 'entropy-1'] as const;

    const compare = async (): Promise<string[][]> => {
      const [alpha, beta, gamma] = await Promise.all(
        ['α', 'β', 'γ'].map((term) =>
          page.getByRole('slider', { name: term }).getAttribute('aria-valuenow'),
        ),
      );
      const weightsFile = join(home, 'weights.jsonl');
      const sampleFile = join(home, 'sample.json');
      const entropies = stages.map((stage) =>
        join(stageFolder(studio, run.id, stage), 'entropy.jsonl'),
      );
      const { document } = await wds(
        ['curriculum', '--scheme', scheme, '--entropy', ...entropies],
        ['--seed', '42', '--multiplier', '1'],
        ['--alpha', alpha ?? '', '--beta', beta ?? '', '--gamma', gamma ?? ''],
        ['--out', weightsFile, '--sample', sampleFile],
      );
      const told = document as { effectiveSampleSize: number; termShares: Record<string, number> };
      const lines = readFileSync(weightsFile, 'utf8').trim().split('\n');
      const weights = lines.map((line) => JSON.parse(line) as WeightLine);
      const { indices } = JSON.parse(readFileSync(sampleFile, 'utf8')) as SampleDocument;
      const drawn = weights.map((_, row) => indices.filter((index) => index === row).length);

      await expect(figure(page, 'Effective sample size')).toHaveText(
        String(Math.round(told.effectiveSampleSize)),
      );
      await expect(figure(page, 'Drawn')).toHaveText(String(indices.length));
      await expect(figure(page, 'Never drawn')).toHaveText(
        String(drawn.filter((times) => times === 0).length),
      );
      for (const [index, part] of Object.values(told.termShares).entries()) {
        const note = page.getByText(/of all weight/).nth(index);
        await expect(note).toContainText(`${(part * 100).toFixed(1)} % of all weight`);
      }
      const best = [...weights.keys()].sort((a, b) => weights[b]!.weight - weights[a]!.weight);
      const rows = await table.locator('tbody tr').all();
      expect(rows.length).toBe(Math.min(20, weights.length));
      const cells = await Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
      for (const [place, [id, , , , weight, times]] of cells.entries()) {
        const row = weights.findIndex((line) => String(line.id) === id);
        expect(Math.abs(share(weight) - weights[row]!.weight)).toBeLessThanOrEqual(0.5001e-5);
        expect(weights[row]!.weight).toBe(weights[best[place]!]!.weight);
        expect(Number(times)).toBe(drawn[row]);
      }
      return cells;
    };
    const before = await compare();
    const slider = (term: string): Locator => page.getByRole('slider', { name: term });
    await slider('β').press('Home');
    await slider('γ').press('End');
    for (let press = 0; press < 5; press += 1) await slider('α').press('ArrowRight');
    await expect(slider('γ')).toHaveAttribute('aria-valuenow', '1');
    await expect(slider('α')).toHaveAttribute('aria-valuenow', '0.15');
    expect(await compare()).not.toEqual(before);
  });
}

test('the mixture’s candidates are those of wds inspect, at every lambda', async ({ studio }) => {
  const { page } = studio;
  const config = { ...smallRun('Mixing'), model: trainedModel, weak: baseModel };
  const run = await studio.ask('runs.create', { config, start: 'later' });
  await studio.go(`/new/${run.id}`);
  await page.getByRole('button', { name: 'Mixing', exact: true }).click();
  const prompt = 'What is 9 + 9? ';
  const answer = '9 + 9 = 18';
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByLabel('Answer').fill(answer);
  await page.getByRole('button', { name: 'Inspect the mixture' }).click();
  const lists = page.locator('[data-model]');
  await expect(lists).toHaveCount(3, { timeout: 200_000 });

  const { document } = await wds(['tokenize', '--model', baseModel, '--text', prompt + answer]);
  const [{ ids }] = document as [{ ids: number[] }];
  const tokens = page.getByRole('button', { pressed: true });
  await expect(tokens).toHaveCount(1);
  const answers = await page.locator('button[aria-pressed]').count();
  const first = ids.length - answers;
  const seen = new Set<string>();
  for (const [press, key] of ['', 'Home', 'End'].entries()) {
    if (key !== '') await page.getByRole('slider', { name: 'Lambda' }).press(key);
    const chosen = page.locator('button[aria-pressed]').nth(press);
    await chosen.click();
    await expect(chosen).toHaveAttribute('aria-pressed', 'true');
    const now = await page.getByRole('slider', { name: 'Lambda' }).getAttribute('aria-valuenow');
    const lambda = now ?? '';
    await expect(page.getByText(`Mixed, λ ${Number(lambda).toFixed(2)}`)).toBeVisible();
    const inspected = await wds(
      ['inspect', '--model', trainedModel, '--weak', baseModel, '--lambda', lambda],
      ['--ids', JSON.stringify(ids), '--top-k', '8'],
    );
    const { positions } = inspected.document as { positions: Record<string, Candidate[]>[] };
    const at = positions[first + press - 1]!;
    for (const model of ['weak', 'strong', 'mixed'] as const) {
      const expected = at[model]!.map(
        ({ probability, logit }) => [probability, logit] as [number, number],
      );
      await expect
        .poll(async () => differences(await candidates(page, model), expected))
        .toEqual([]);
    }
    seen.add((await lists.allInnerTexts()).join('\n'));
  }
  expect(seen.size).toBe(3);
});

interface Candidate {
  probability: number;
  logit: number;
}

/** "12.3 % · −4.56" as [0.123, -4.56]. */
async function candidates(page: Page, model: string): Promise<[number, number][]> {
  const texts = await page.locator(`[data-model="${model}"]`).getByText(' · ').allInnerTexts();
  return texts.map((text) => {
    const [probability, logit] = text.split(' · ');
    return [share(probability), share(logit) * 100];
  });
}

/** Places where what is shown is not the expected number, rounded: 0.1 %, and three digits. */
function differences(shown: [number, number][], expected: [number, number][]): string[] {
  if (shown.length !== expected.length) return [`${shown.length} of ${expected.length} shown`];
  return shown.flatMap(([probability, logit], index) => {
    const [trueProbability, trueLogit] = expected[index]!;
    const digit = 10 ** (Math.floor(Math.log10(Math.abs(trueLogit))) - 2);
    const far =
      Math.abs(probability - trueProbability) > 0.51e-3 ||
      Math.abs(logit - trueLogit) > 0.51 * digit;
    return far ? [`${index}: ${probability} ${logit}, not ${trueProbability} ${trueLogit}`] : [];
  });
}
