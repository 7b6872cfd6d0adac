/** What must be computed: passed to the engine process under the request's own name. */
import type {
  DataPreview,
  MixInspection,
  Plan,
  SampleInspection,
} from '../../main/contract/inspection.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { checkRunConfig } from '../../main/host/config-check.ts';
import type { HandlerParts } from './handler-parts.ts';

type Names = 'data.preview' | 'mix.inspect' | 'run.sample' | 'plan';

export function engineHandlers({ engine, host }: HandlerParts): HandlersFor<Names> {
  return {
    'data.preview': (input) => engine.compute<DataPreview>('data.preview', input),
    'mix.inspect': (input) => engine.compute<MixInspection>('mix.inspect', input),
    'run.sample': ({ runId, index }) =>
      engine.compute<SampleInspection>('run.sample', { runFolder: host.folder(runId), index }),
    plan: ({ config }) =>
      engine.compute<Plan>('plan', {
        config: checkRunConfig(config, 'The configuration'),
        folder: host.root(),
      }),
  };
}
