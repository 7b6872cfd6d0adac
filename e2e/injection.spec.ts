/**
 * Hostile text as run names, warnings, prompts, answers, benchmark items and typed prompts: on every page
 * that shows them it is text, runs nothing, loads nothing and makes no element. What is watched: dialogs
 * (the strings call alert), complaints of the content security policy, requests, and the elements and
 * attributes of the document and of the report's frame. The last test shows that each of these can fire.
 */
import type { Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationLine, EvaluationSummary } from '../main/contract/evaluation.ts';
import { hostileStrings } from '../main/fixtures/report/hostile-strings.ts';
import { makeRunFolder } from '../main/fixtures/report/run-folder.ts';
import { baseModel, expect, launchStudio, leave, test, trainedModel } from './studio.ts';
import type { Studio } from './studio.ts';

/** Names are at most 80 characters long, as the app takes them. */
const texts = hostileStrings.filter((text) => text.trim() !== '').map((text) => text.slice(0, 80));
const size = { rows: 12, items: 10, steps: 4 };

interface Watch {
  dialogs: string[];
  complaints: string[];
  requests: string[];
}

function watch(page: Page): Watch {
  const seen: Watch = { dialogs: [], complaints: [], requests: [] };
  page.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy|sandboxed/.test(text)) seen.complaints.push(text);
  });
  page.on('request', (request) => {
    if (!/^(app:\/\/studio\/|about:srcdoc)/.test(request.url())) seen.requests.push(request.url());
  });
  return seen;
}

/** Elements that only injected text would make, handlers, and links that leave the app; in all frames. */
async function audit(page: Page): Promise<string[]> {
  const found = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(() => {
        const foreign =
          'script:not([src]), object, embed, base, form, img, image, details, template, noscript, math, frame, animate, [srcdoc]:not(.report-frame), iframe:not(.report-frame), link:not([rel=stylesheet]):not([rel=modulepreload]):not([rel=icon]), meta[http-equiv=refresh]';
        const elements = [...document.querySelectorAll(foreign)].map((one) => one.outerHTML);
        const attributes = [...document.querySelectorAll('*')].flatMap((one) =>
          [...one.attributes]
            .filter(
              ({ name, value }) =>
                name.startsWith('on') ||
                (/^(href|src|action|xlink:href)$/.test(name) &&
                  /^\s*(javascript|data|https?):/i.test(value)),
            )
            .map(({ name, value }) => `${one.tagName} ${name}=${value}`),
        );
        return [...elements, ...attributes].map((one) => one.slice(0, 200));
      }),
    ),
  );
  return found.flat();
}

/** Half a surrogate pair cannot cross to the test as it is. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');

function shows(page: Page, text: string, place = 'body'): Promise<void> {
  return expect
    .poll(async () => wellFormed((await page.locator(place).textContent()) ?? ''), {
      timeout: 30_000,
    })
    .toContain(wellFormed(text));
}

/** An evaluation on disk whose items are all the hostile strings. */
function writeEvaluation(home: string, model: string, name: string): void {
  const folder = join(home, 'data', 'evaluations', name);
  mkdirSync(folder, { recursive: true });
  const lines = texts.map((text, item): EvaluationLine => {
    const scored = { answer: text, verdict: item % 2 === 0 ? 'correct' : 'wrong' } as const;
    const about = { item, sample: 0, id: text, question: text, expected: text, text };
    const ended = { finishReason: 'stop', promptTokens: 1, started: 1, time: 2 } as const;
    return { ...about, ...scored, ...ended, ids: [1] };
  });
  const title = texts[0]!;
  const summary: EvaluationSummary = {
    format: 'weak-driven-studio.evaluation',
    version: 1,
    hash: name,
    model: { path: model, adapter: null, sha256: name },
    task: { name: 'own', title, kind: 'exact', sha256: 'task' },
    data: { file: `/data/${texts[1]}`, sha256: 'data', items: lines.length },
    settings: {
      samples: 1,
      maxNewTokens: 8,
      temperature: 0,
      topP: 1,
      topK: 0,
      seed: 42,
      precision: 'f32',
      limit: null,
      systemPrompt: null,
      thinking: false,
    },
    items: lines.length,
    samples: 1,
    mean: { value: 0.5, low: 0.4, high: 0.6 },
    passAt: [],
    cutOff: 0,
    withoutAnswer: 0,
    tokens: 1,
    seconds: 1,
    finished: 2,
    warnings: texts.slice(0, 3),
    verdicts: lines.map(({ item, id, expected, answer, verdict }) => {
      return { item, id, expected, answers: [answer], verdicts: [verdict ?? 'wrong'] };
    }),
  };
  writeFileSync(join(folder, 'evaluation.json'), '{}');
  writeFileSync(
    join(folder, 'items.jsonl'),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  );
  writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary));
}

/** The app on a home that was filled before it started, closed whatever happens. */
async function withStudio(home: string, use: (studio: Studio) => Promise<void>): Promise<void> {
  const studio = await launchStudio(home);
  try {
    await use(studio);
  } finally {
    await leave(studio);
  }
}

test('as names, warnings, prompts and answers of runs', async ({ home }) => {
  expect(texts.length).toBeGreaterThanOrEqual(60);
  const runs = join(home, 'data', 'runs');
  for (const [index, text] of texts.entries()) {
    makeRunFolder(runs, `run-${index}`, { ...size, text });
  }
  await withStudio(home, async ({ page, go }) => {
    const seen = watch(page);
    await go('/runs');
    // Long names are shortened in their middle here, and whole on the pages below.
    await expect(page.getByRole('row')).toHaveCount(texts.length + 1);
    for (const text of texts) await shows(page, text.slice(0, 8));
    expect(await audit(page)).toEqual([]);
    for (const [index, text] of texts.entries()) {
      await test.step(JSON.stringify(text).slice(0, 60), async () => {
        await go(`/runs/run-${index}/answers`);
        const name = async () => wellFormed((await page.locator('h1').getAttribute('title')) ?? '');
        await expect.poll(name).toBe(wellFormed(text));
        await page.locator('.answer-row[aria-expanded]').first().click();
        await shows(page, text.trim());
        expect(await audit(page)).toEqual([]);
        await go(`/reports/run-${index}`);
        await expect(page.frameLocator('iframe').locator('h1')).toBeVisible();
        expect(await audit(page)).toEqual([]);
      });
    }
    for (let index = 0; index < texts.length; index += 6) {
      const own = texts.slice(index, index + 6);
      if (own.length < 2) break;
      await go(`/compare/${own.map((_, place) => `run-${index + place}`).join(',')}`);
      const scores = page.getByRole('table', { name: 'Answers by model' });
      await expect(scores.getByRole('row')).toHaveCount(own.length + 1);
      for (const text of own) await shows(page, text);
      expect(await audit(page)).toEqual([]);
    }
    expect(seen).toEqual({ dialogs: [], complaints: [], requests: [] });
  });
});

test('as items of a benchmark, and typed as a prompt', async ({ home }) => {
  const models = [baseModel, trainedModel];
  for (const [index, model] of models.entries()) writeEvaluation(home, model, `own-${index}`);
  await withStudio(home, async ({ page, go }) => {
    const seen = watch(page);
    await go('/evaluate/own-0');
    const generations = page.getByRole('group', { name: 'Generations' });
    await expect(generations.getByRole('button', { expanded: false }).first()).toBeVisible();
    for (const row of await generations.locator('.generation-row[aria-expanded]').all())
      await row.click();
    for (const text of texts.slice(0, 50)) await shows(page, text);
    expect(await audit(page)).toEqual([]);

    await go(`/compare/${models.map(encodeURIComponent).join(',')}`);
    await page.getByRole('button', { name: 'Item by item' }).click();
    for (const kind of ['Both right', 'Still wrong']) {
      await page.getByText(new RegExp(`^${kind}`)).click();
      await page.locator('.compared-row[aria-expanded]').first().click();
      expect(await audit(page)).toEqual([]);
    }
    const box = page.getByRole('textbox', { name: 'Prompt' });
    for (const text of texts) {
      await box.fill(text);
      expect(await audit(page)).toEqual([]);
    }
    await box.fill(texts.join('\n'));
    await page.getByLabel('New tokens').fill('4');
    await page.getByRole('button', { name: 'Generate', exact: true }).click();
    const answers = page.getByRole('group', { name: 'Answers to the prompt' });
    await expect(answers.getByText(/tokens in|holds|takes|maximum/).first()).toBeVisible();
    expect(await audit(page)).toEqual([]);
    expect(seen).toEqual({ dialogs: [], complaints: [], requests: [] });
  });
});

test('control: what is watched fires when text becomes markup or script', async ({ studio }) => {
  const { page } = studio;
  const seen = watch(page);
  await page.evaluate(
    (text) => document.body.insertAdjacentHTML('beforeend', text),
    [
      '<img src=x onerror=alert(1)>',
      '<a href="javascript:alert(1)">click</a>',
      '<img src="https://example.org/pixel.png">',
    ].join(''),
  );
  await expect.poll(() => seen.complaints.length).toBeGreaterThan(0);
  expect((await audit(page)).length).toBeGreaterThanOrEqual(3);
  await page.evaluate(() => void setTimeout(() => alert('executed')));
  await expect.poll(() => seen.dialogs).toEqual(['executed']);
  await page.evaluate(() => void new Image().setAttribute('src', 'data:image/gif;base64,AAAA'));
  await page.evaluate(() => void fetch('https://example.org/').catch(() => undefined));
  await expect.poll(() => seen.complaints.length + seen.requests.length).toBeGreaterThan(2);
});
