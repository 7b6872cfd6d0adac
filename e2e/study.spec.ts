/** The study that comes with the project opens in the app at once, with its numbers, and its page is saved. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StudyResult } from '../main/contract/study.ts';
import { expect, projectFolder, test } from './studio.ts';

const folder = join(projectFolder, 'main', 'docs', '2026-11-25-weak-driven-study');

test('a study opens with its numbers and is saved as a page', async ({ studio, home }) => {
  const { page } = studio;
  const { study, blocks } = JSON.parse(
    readFileSync(join(folder, 'study.json'), 'utf8'),
  ) as StudyResult;

  await studio.go('/study');
  await expect(page.getByText('No study is open')).toBeVisible();
  const started = performance.now();
  await studio.go(`/study/${encodeURIComponent(folder)}`);
  const frame = page.frameLocator(`iframe[title="Report of ${study.title}"]`);
  await expect(frame.getByRole('heading', { name: study.title })).toBeVisible();
  console.log(`the study opened in ${Math.round(performance.now() - started)} ms`);
  const accuracies = frame.getByRole('table').first();
  const { scores } = blocks.find((block) => block.scores.length > 0)!;
  await expect(accuracies.getByRole('row')).toHaveCount(scores.length + 1);
  for (const [index, { title, accuracy }] of scores.entries()) {
    const row = accuracies.getByRole('row').nth(index + 1);
    await expect(row).toContainText(title);
    await expect(row).toContainText((100 * accuracy.mean).toFixed(1));
  }

  const saved = join(home, 'page.md');
  await studio.ask('study.export', { path: folder, format: 'md', file: saved });
  expect(readFileSync(saved, 'utf8')).toBe(readFileSync(join(folder, 'study.md'), 'utf8'));
  await studio.go(`/study/${encodeURIComponent(home)}`);
  await expect(page.getByText(/holds no study\.json/)).toBeVisible();
});
