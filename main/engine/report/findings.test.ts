/** The words follow from the numbers: a gain is called one only when it is significant. */
import { describe, expect, test } from 'vitest';
import type { PairedComparison, ReportedEvaluation, RunReport } from '../../contract/report.ts';
import { itemsNeeded } from '../eval/items-needed.ts';
import { mcnemarExact } from '../eval/mcnemar.ts';
import { pairedDifference } from '../eval/paired-difference.ts';
import { findingsOf, verdictOf } from './findings.ts';

function comparison(
  bothCorrect: number,
  fixed: number,
  broken: number,
  bothWrong: number,
): PairedComparison {
  const counts = { bothCorrect, fixed, broken, bothWrong };
  const items = bothCorrect + fixed + broken + bothWrong;
  const needed = itemsNeeded(fixed, broken, items);
  return {
    candidate: 'weak-driven',
    reference: 'baseline',
    items,
    ...counts,
    ...pairedDifference(counts),
    pValue: mcnemarExact(fixed, broken),
    ...(needed !== null && { itemsNeeded: needed }),
  };
}

function words(paired: PairedComparison, losses: [number, number] = [0.4, 0.5]): string {
  const model = (name: string, correct: number, loss: number) => {
    const accuracy = correct / paired.items;
    return {
      model: name,
      label: name,
      items: paired.items,
      correct,
      accuracy,
      accuracyLow: 0.1,
      accuracyHigh: 0.9,
      loss,
    };
  };
  const evaluation: ReportedEvaluation = {
    source: { file: '' },
    reference: 'baseline',
    comparisons: [paired],
    equalSteps: true,
    samples: [],
    models: [
      model('baseline', paired.bothCorrect + paired.broken, losses[1]),
      model('weak-driven', paired.bothCorrect + paired.fixed, losses[0]),
    ],
  };
  return findingsOf({ evaluation, run: {}, training: [] } as unknown as RunReport).join(' ');
}

describe('the result', () => {
  test('a significant gain', () => {
    const paired = comparison(300, 60, 20, 120);
    expect(verdictOf(paired)).toBe('better');
    expect(words(paired)).toContain(
      'solved 60 items that SFT failed and failed 20 that SFT solved: a difference of +8.0 percentage points',
    );
    expect(words(paired)).toContain('beat the same amount of plain SFT');
  });

  test('a significant loss is called one', () => {
    const paired = comparison(300, 20, 60, 120);
    expect(verdictOf(paired)).toBe('worse');
    expect(words(paired, [0.5, 0.4])).toContain('did worse than plain SFT');
    expect(words(paired, [0.5, 0.4])).toContain('(0.100 higher)');
    expect(words(paired)).not.toMatch(/beat/);
  });

  test('a gain that can be chance is not called a gain, and how many items it would take', () => {
    const paired = comparison(291, 40, 24, 145);
    expect(verdictOf(paired)).toBe('undecided');
    expect(words(paired)).toContain("This can well be chance (McNemar's exact test, p = 0.06)");
    expect(words(paired)).toContain(
      'The interval just excludes zero, the exact test decides here.',
    );
    expect(words(paired)).toContain('about 980 items would be needed');
    expect(words(paired)).not.toMatch(/beat|worse|unlikely/);
  });

  test('no difference at all, or nothing solved', () => {
    expect(words(comparison(30, 0, 0, 20))).toContain(
      'Both solved exactly the same items, so accuracy does not tell them apart.',
    );
    expect(words(comparison(0, 0, 0, 20))).toContain('Both solved none');
  });

  test('one item in the singular', () => {
    expect(words(comparison(10, 1, 0, 9))).toContain(
      'solved 1 item that SFT failed and failed 0 that SFT solved',
    );
  });
});
