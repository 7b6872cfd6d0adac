/**
 * What the engine computes beside runs, by the name of the request. The shell has parsed the input
 * with the contract's schema; the types say what arrives. Each part is loaded when first asked for.
 */
import type { RunConfig } from '../../main/contract/config.ts';
import type { EvaluationRequest } from '../../main/contract/evaluation.ts';
import type { ModelExportRequest } from '../../main/contract/model-export.ts';
import type { ParsedInput } from '../../main/contract/requests.ts';
import type { Computation } from '../../main/host/worker.ts';
import type { CompareOptions } from '../../main/pipeline/compare-models.ts';

/** A function of a parsed input, as the worker calls it. */
function of<I>(load: () => Promise<(input: I) => Promise<unknown>>): () => Promise<Computation> {
  return async () => {
    const compute = await load();
    return (payload) => compute(payload as I);
  };
}

export const computations: Record<string, () => Promise<Computation>> = {
  compare: of<{ paths: string[]; options: CompareOptions }>(async () => {
    const { compareModels } = await import('../../main/pipeline/compare-models.ts');
    return ({ paths, options }) => compareModels(paths, options);
  }),
  'data.preview': of<ParsedInput<'data.preview'>>(
    async () => (await import('./data-preview.ts')).previewData,
  ),
  'mix.inspect': of<ParsedInput<'mix.inspect'>>(
    async () => (await import('./mix-inspection.ts')).inspectMix,
  ),
  'run.sample': of<{ runFolder: string; index: number }>(
    async () => (await import('./sample-inspection.ts')).inspectSample,
  ),
  generate: async () => {
    const { generate } = await import('./generation.ts');
    return (request, context) => generate(request as Parameters<typeof generate>[0], context);
  },
  evaluate: async () => {
    const { evaluateBenchmark } = await import('./benchmark-evaluation.ts');
    return (request, context) => evaluateBenchmark(request as EvaluationRequest, context);
  },
  export: async () => {
    const { exportModel } = await import('../../main/host/export-model.ts');
    return (payload, { signal, progress }) => {
      const { runsRoot, request } = payload as { runsRoot: string; request: ModelExportRequest };
      return exportModel(request, { runsRoot, signal, onProgress: progress });
    };
  },
  plan: of<{ config: RunConfig; folder: string }>(async () => {
    const { planRun } = await import('../../main/pipeline/plan.ts');
    const { measuredRates } = await import('../../main/host/step-rates.ts');
    return async ({ config, folder }) =>
      planRun(config, folder, await measuredRates(folder, config));
  }),
};
