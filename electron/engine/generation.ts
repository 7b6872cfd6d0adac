/** One prompt to one or several models (main/pipeline/generate-beside.ts), told as it comes. */
import { StudioError } from '../../main/contract/errors.ts';
import type { GeneratedBeside } from '../../main/contract/generation.ts';
import type { ComputationContext } from '../../main/host/worker.ts';
import { generateAll } from '../../main/pipeline/compare-models.ts';
import type { BesideRequest } from '../../main/pipeline/generate-beside.ts';

export function generate(
  { paths, ...request }: BesideRequest & { paths: string[] },
  { signal, progress }: ComputationContext,
): Promise<GeneratedBeside> {
  return generateAll(paths, request, {
    onText: progress,
    async breathe() {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) throw new StudioError('stopped', 'Generating was stopped.', 'Ask again.');
    },
  });
}
