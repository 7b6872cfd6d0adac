/** Evaluations on benchmarks: asked for, stopped, gone on with, looked into. */
import type { HandlersFor } from '../../main/contract/requests.ts';
import { readAnswers } from '../runs/finished-evaluations.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names =
  | 'evaluations.list'
  | 'evaluations.start'
  | 'evaluations.stop'
  | 'evaluations.resume'
  | 'evaluations.remove'
  | 'evaluations.answers';

export function evaluationHandlers({ evaluations }: HandlerParts): HandlersFor<Names> {
  return {
    'evaluations.list': () => evaluations.list(),
    'evaluations.start': ({ requests }) => {
      evaluations.start(requests);
      return evaluations.list();
    },
    'evaluations.stop': ({ id }) => {
      evaluations.stop(id);
      return evaluations.list();
    },
    'evaluations.resume': ({ id }) => {
      evaluations.resume(id);
      return evaluations.list();
    },
    'evaluations.remove': ({ id }) => {
      evaluations.remove(id);
      return evaluations.list();
    },
    'evaluations.answers': ({ id }) => readAnswers(id),
  };
}
