/** Configurations: checked, read from YAML, written as the YAML that `wds run` takes. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { HandlersFor } from '../../main/contract/requests.ts';
import { checkRunConfig } from '../../main/host/config-check.ts';
import { parseConfig, resolvePaths } from '../../main/host/config-text.ts';
import { listPresets } from '../../main/host/presets.ts';
import { resourcesFolder } from '../paths.ts';

type Names = 'config.check' | 'config.read' | 'config.write' | 'presets.list';

export function configHandlers(): HandlersFor<Names> {
  return {
    'config.check': ({ config }) => checkRunConfig(config, 'The configuration'),
    'config.read': ({ yaml }) =>
      checkRunConfig(resolvePaths(parseConfig(yaml, 'The YAML'), homedir()), 'The YAML'),
    'config.write': ({ config }) => stringify(checkRunConfig(config, 'The configuration')),
    'presets.list': () => listPresets(join(resourcesFolder(), 'presets')),
  };
}
