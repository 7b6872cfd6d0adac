/**
 * Model-written programs judged from the app: in bubblewrap, or in windows with Pyodide where there is
 * none, or refused with the reason where Chromium has no sandbox either (as root). The generations are
 * those an interrupted evaluation would have left: solutions and programs that fail.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evaluationRequestSchema } from '../main/contract/evaluation.ts';
import { findSandbox } from '../main/engine/eval/sandbox/find-sandbox.ts';
import { openItemLog } from '../main/pipeline/evaluation/item-log.ts';
import { planEvaluation } from '../main/pipeline/evaluation/plan-evaluation.ts';
import { patience } from './run-states.ts';
import { baseModel, expect, projectFolder, test } from './studio.ts';

const data = join(projectFolder, 'main', 'fixtures', 'sandbox', 'humaneval-excerpt.jsonl');
const request = { model: baseModel, task: 'humaneval', data, limit: 2 };

/** Where the app will look for it: the folder's name comes from the hash of the evaluation. */
async function writeGenerations(home: string): Promise<void> {
  const plan = await planEvaluation(evaluationRequestSchema.parse(request));
  const name = `humaneval-base-${plan.hash.slice(0, 12)}`;
  const folder = join(home, 'data', 'evaluations', name);
  mkdirSync(folder, { recursive: true });
  const log = openItemLog(join(folder, 'items.jsonl'));
  const rows = readFileSync(data, 'utf8').trim().split('\n').slice(0, 2);
  for (const [item, line] of rows.entries()) {
    const { prompt, canonical_solution: solution } = JSON.parse(line) as Record<string, string>;
    const { id, question, expected } = plan.items[item]!;
    const code = `${prompt}${item === 0 ? solution : '    return None\n'}`;
    const text = `\`\`\`python\n${code}\n\`\`\``;
    const unjudged = { answer: null, verdict: null, ids: [1], promptTokens: 1, sample: 0 };
    const ended = { finishReason: 'stop', started: 1, time: 2 } as const;
    log.append({ item, id, question, expected, text, ...unjudged, ...ended });
  }
  log.close();
}

test('a solution passes and a wrong program fails, in the sandbox there is', async ({
  studio,
  home,
}) => {
  test.setTimeout(patience);
  await writeGenerations(home);
  const { ask, page } = studio;
  const bubblewrap = !('refused' in (await findSandbox()));
  await studio.go('/evaluate');
  await ask('evaluations.start', { requests: [request] });
  if (!bubblewrap && process.getuid?.() === 0) {
    await expect(page.locator('[data-evaluation="failed"]')).toContainText('Nor in a window');
    return;
  }
  await expect(page.locator('[data-finished]')).toHaveCount(1, { timeout: patience });
  const [finished] = (await ask('evaluations.list', {})).finished;
  expect(finished?.summary.sandbox).toContain(bubblewrap ? 'bubblewrap' : 'Pyodide');
  const answers = await ask('evaluations.answers', { id: finished?.id ?? '' });
  expect(answers.map(({ verdict, detail }) => [verdict, detail?.split(':')[0]])).toEqual([
    ['correct', 'passed'],
    ['wrong', 'failed'],
  ]);
});
