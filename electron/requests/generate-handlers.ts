/** One prompt to one or several models; every window hears what they say as it comes. */
import type { GeneratedBeside, GenerationSoFar } from '../../main/contract/generation.ts';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { pathsOf } from './asked-models.ts';
import { cancellable } from './cancellable.ts';
import type { HandlerParts } from './handler-parts.ts';

export function generateHandlers({
  engine,
  host,
  publish,
}: HandlerParts): HandlersFor<'generate' | 'generate.cancel'> {
  const inWork = cancellable();
  return {
    generate: ({ id, models, ...request }) =>
      inWork.run(id, (signal) =>
        engine.compute<GeneratedBeside>(
          'generate',
          { paths: pathsOf(models, host), ...request },
          {
            signal,
            onProgress: (value) => publish('generation', { id, ...(value as GenerationSoFar) }),
          },
        ),
      ),
    'generate.cancel': ({ id }) => {
      inWork.cancel(id);
      return null;
    },
  };
}
