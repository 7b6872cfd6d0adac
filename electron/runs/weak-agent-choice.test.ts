/** The recommendation follows its rule, and says which figures it rests on. */
import { expect, test } from 'vitest';
import type { LineageNode } from '../../main/contract/inspection.ts';
import { recommendWeakAgent } from './weak-agent-choice.ts';

const heldOut = (entropy: number) => ({ model: 'x', items: 64, loss: 1, entropy });
const base = (entropy?: number): LineageNode => ({
  id: '/base',
  kind: 'base',
  label: 'base',
  path: '/base',
  ...(entropy === undefined ? {} : { heldOut: heldOut(entropy) }),
});
const checkpoint = (
  step: number,
  entropy: number,
  more: Partial<LineageNode> = {},
): LineageNode => ({
  id: `/run/${step}`,
  kind: 'checkpoint',
  label: `sft step ${step} of Demo`,
  path: `/run/${step}`,
  parent: '/base',
  runId: 'demo',
  runName: 'Demo',
  stage: 'sft',
  step,
  time: step,
  heldOut: heldOut(entropy),
  ...more,
});

test('the checkpoint in the middle, with the figures', () => {
  const nodes = [base(2), checkpoint(100, 1.7), checkpoint(200, 1.1), checkpoint(400, 0.4)];
  const choice = recommendWeakAgent(nodes, '/base');
  expect(choice?.id).toBe('/run/200');
  expect(choice?.reason).toContain('sft step 200 of Demo');
  expect(choice?.reason).toMatch(/1\.10.*2\.00.*0\.400.*rule of thumb/);
});

test('the base, where no kept checkpoint is less certain than SFT came to be', () => {
  const choice = recommendWeakAgent([base(0.5), checkpoint(400, 0.2)], '/base');
  expect(choice?.id).toBe('/base');
  expect(choice?.reason).toContain('No kept checkpoint lies nearer');
});

test('an unusable checkpoint, or one of another model, is not recommended', () => {
  const problem = { code: 'checkpoint-corrupt' as const, message: 'x', hint: 'y' };
  const nodes = [
    base(2),
    checkpoint(200, 1.1, { problem }),
    checkpoint(300, 0.9),
    checkpoint(400, 0.4),
    checkpoint(500, 1.2, { parent: '/other', runId: 'other', time: 999 }),
  ];
  expect(recommendWeakAgent(nodes, '/base')?.id).toBe('/run/300');
});

test('the base and why, where nothing was measured', () => {
  const choice = recommendWeakAgent([base()], '/base');
  expect(choice?.id).toBe('/base');
  expect(choice?.reason).toContain('not compared');
  expect(recommendWeakAgent([], '/base')).toBeUndefined();
});
