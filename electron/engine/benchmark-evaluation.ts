/** One evaluation on a benchmark (main/host/evaluation.ts), which a message can stop between steps. */
import { StudioError } from '../../main/contract/errors.ts';
import type { EvaluationRequest } from '../../main/contract/evaluation.ts';
import { evaluate } from '../../main/host/evaluation.ts';
import type { ComputationContext } from '../../main/host/worker.ts';
import { closeModels } from './open-models.ts';

export async function evaluateBenchmark(
  request: EvaluationRequest,
  { signal, progress }: ComputationContext,
): Promise<{ folder: string }> {
  closeModels();
  const { folder } = await evaluate(request, {
    onProgress: progress,
    async breathe() {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) {
        throw new StudioError('stopped', 'The evaluation was stopped.', 'Go on when you want to.');
      }
    },
  });
  return { folder };
}
