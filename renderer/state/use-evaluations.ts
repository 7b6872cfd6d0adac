/** Evaluations to do, in work and finished, kept current by pushes. */
import { useEffect, useState } from 'react';
import type { Evaluations } from '../../main/contract/evaluation-jobs.ts';
import { tellFailure } from '../bridge/actions.tsx';
import { ask, onPush } from '../bridge/bridge.ts';

export function useEvaluations(): Evaluations | null {
  const [evaluations, setEvaluations] = useState<Evaluations | null>(null);
  useEffect(() => {
    const unsubscribe = onPush('evaluations', setEvaluations);
    ask('evaluations.list', {}).then(setEvaluations, tellFailure);
    return unsubscribe;
  }, []);
  return evaluations;
}
