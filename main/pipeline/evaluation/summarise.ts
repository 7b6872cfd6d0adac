/** From the lines of an evaluation to its summary: scores with their intervals, verdicts by item. */
import type {
  EvaluatedItem,
  EvaluationLine,
  EvaluationSummary,
} from '../../contract/evaluation.ts';
import { evaluationVersion } from '../../contract/evaluation.ts';
import { clusteredInterval } from '../../engine/eval/clustered-interval.ts';
import { passAtK } from '../../engine/eval/pass-at-k.ts';
import { lineKey } from './item-log.ts';
import type { PlannedEvaluation } from './plan-evaluation.ts';

/** @param lines all of them, each with its verdict */
export function summarise(
  plan: PlannedEvaluation,
  lines: ReadonlyMap<string, EvaluationLine>,
  sandbox: string | null,
): EvaluationSummary {
  const { settings, items } = plan;
  const { samples } = settings;
  const verdicts = items.map(({ id, expected }, item): EvaluatedItem => {
    const own = Array.from({ length: samples }, (_, sample) =>
      lines.get(lineKey({ item, sample }))!,
    );
    return {
      item,
      id,
      expected,
      answers: own.map(({ answer }) => answer),
      verdicts: own.map(({ verdict }) => verdict!),
    };
  });
  const correct = verdicts.map((each) => each.verdicts.filter((one) => one === 'correct').length);
  const passing = (k: number) => correct.map((count) => passAtK(samples, count, k));
  const all = verdicts.flatMap(({ item }) =>
    Array.from({ length: samples }, (_, sample) => lines.get(lineKey({ item, sample }))!),
  );
  return {
    format: 'weak-driven-studio.evaluation',
    version: evaluationVersion,
    hash: plan.hash,
    model: { path: plan.source.base, adapter: plan.source.adapter, sha256: plan.modelHash },
    task: {
      name: plan.task.name,
      title: plan.task.title,
      kind: plan.task.kind,
      sha256: plan.taskHash,
    },
    data: { file: plan.dataFile, sha256: plan.dataHash, items: items.length },
    settings,
    items: items.length,
    samples,
    mean: clusteredInterval(passing(1), samples),
    // Items are the trials here: samples of one item do not add up to more of them.
    passAt: plan.passAt.map((k) => ({
      k,
      ...clusteredInterval(passing(k), k === 1 ? samples : 1),
    })),
    cutOff: all.filter(({ finishReason }) => finishReason === 'length').length,
    withoutAnswer: all.filter(({ verdict }) => verdict === 'no-answer').length,
    tokens: all.reduce((sum, { ids }) => sum + ids.length, 0),
    seconds: secondsInWork(all),
    finished: Math.max(...all.map(({ time }) => time)),
    warnings: plan.warnings,
    verdicts,
    ...(sandbox !== null && { sandbox }),
  };
}

/** Of each process that worked on it, from its start to its last line. */
function secondsInWork(lines: readonly EvaluationLine[]): number {
  const last = new Map<number, number>();
  for (const { started, time } of lines) {
    last.set(started, Math.max(last.get(started) ?? started, time));
  }
  return [...last].reduce((sum, [started, time]) => sum + (time - started) / 1000, 0);
}
