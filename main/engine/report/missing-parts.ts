/** What a report lacks, each with the reason, so that an absent chapter is not taken for an empty one. */
import type { RunConfig } from '../../contract/config.ts';
import type { RunReport } from '../../contract/report.ts';
import type { EventFacts } from './read-events.ts';
import type { FoundStage } from './run-files.ts';

export interface MissingFacts {
  config: RunConfig | null;
  stages: readonly FoundStage[];
  facts: EventFacts;
  evaluation: RunReport['evaluation'];
  curriculum: RunReport['curriculum'];
  data: RunReport['data'];
}

export function missingParts(given: MissingFacts): string[] {
  const { config, facts, data } = given;
  const missing: (string | null)[] = [
    config === null
      ? 'config.json is not a config of this version: everything that depends on it is left out.'
      : null,
    facts.lines === 0 ? 'events.jsonl is empty or missing: there are no curves or times.' : null,
    facts.unreadable > 0
      ? `${facts.unreadable} lines of events.jsonl are damaged and were left out.`
      : null,
    facts.status === 'finished' ? null : `The run is not finished (${facts.status}).`,
    data === null ? 'Data: the stage that reads and tokenises it has not finished.' : null,
  ];
  if (config?.only) {
    missing.push(
      `Only ${config.only} was run (only: ${config.only}); the other stages were not asked for.`,
    );
  } else {
    missing.push(curriculumPart(given), evaluationPart(given), baselinePart(given));
  }
  return missing.filter((sentence) => sentence !== null);
}

function curriculumPart({ curriculum, stages }: MissingFacts): string | null {
  if (curriculum) return null;
  return isDone(stages, 'curriculum')
    ? 'Curriculum: stages/curriculum/weights.jsonl is missing or damaged.'
    : 'Curriculum: its weights have not been computed yet.';
}

function evaluationPart({ evaluation, stages, config }: MissingFacts): string | null {
  if (evaluation) {
    const silent = evaluation.models.filter(({ source }) => source === undefined);
    return silent.length === 0
      ? null
      : `Evaluation: the answers of ${silent.map(({ label }) => label).join(', ')} are missing, so nothing can be compared with them.`;
  }
  if (config && !config.evaluation.heldOut) {
    return 'Evaluation: no held-out rows were given (evaluation.heldOut).';
  }
  return isDone(stages, 'evaluate')
    ? 'Evaluation: stages/evaluate/results.json is missing or empty.'
    : 'Evaluation: it has not finished yet.';
}

function baselinePart({ config, evaluation }: MissingFacts): string | null {
  if (config?.baseline !== false) return null;
  const instead = evaluation ? ' The comparison is with SFT before joint training instead.' : '';
  return `SFT continued for equal steps: it was switched off (baseline: false).${instead}`;
}

function isDone(stages: readonly FoundStage[], name: string): boolean {
  return stages.some(({ stage, record }) => stage === name && record !== null);
}
