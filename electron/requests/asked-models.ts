/** Models as a window names them: a run's (and which of its models), or the path of a folder. */
import type { ParsedInput } from '../../main/contract/requests.ts';
import type { RunHost } from '../runs/run-host.ts';

/** As engine/compare/compared-model.ts reads them. @throws run-missing */
export function pathsOf(models: ParsedInput<'compare'>['models'], host: RunHost): string[] {
  return models.map((model) => {
    if ('path' in model) return model.path;
    const folder = host.folder(model.runId);
    return model.member === undefined ? folder : `${folder}:${model.member}`;
  });
}
