/** Evaluations as the app keeps them: those to do or in work, and those that are finished on disk. */
import type { ErrorDetails } from './errors.ts';
import type {
  EvaluationLine,
  EvaluationProgress,
  EvaluationRequest,
  EvaluationSummary,
} from './evaluation.ts';

/** `stopped`: by the user, or because the app was closed; going on keeps what is finished. */
export type EvaluationStatus = 'waiting' | 'running' | 'stopping' | 'stopped' | 'failed';

export interface EvaluationJob {
  id: string;
  request: EvaluationRequest;
  status: EvaluationStatus;
  started?: EvaluationProgress & { kind: 'evaluation-started' };
  progress?: EvaluationProgress & { kind: 'evaluation-progress' };
  error?: ErrorDetails;
}

export interface FinishedEvaluation {
  /** Name of its folder. */
  id: string;
  folder: string;
  summary: Omit<EvaluationSummary, 'verdicts'>;
}

export interface Evaluations {
  /** In the order in which they are worked on, one at a time. */
  jobs: EvaluationJob[];
  /** Newest first. */
  finished: FinishedEvaluation[];
}

/** A generation as a page shows it. */
export type EvaluationAnswer = Omit<EvaluationLine, 'ids' | 'started' | 'time'> & {
  tokens: number;
};
