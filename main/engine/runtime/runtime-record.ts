/**
 * What set-up left beside the addon: `deps/runtime.json` in the npm package that binds TensorFlow,
 * written by resources/setup/runtime-record.mjs. It says which build of libtensorflow is linked, so
 * that nothing has to be loaded to describe the installation. The packaged app has its record in the
 * user's cache instead and names it in WDS_RUNTIME_RECORD.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';

export const bindingPackageName = '@tensorflow/tfjs-node-gpu';

export const recordVariable = 'WDS_RUNTIME_RECORD';

export interface RuntimeRecord {
  tensorflow: string;
  build: 'cpu' | 'cuda';
  /** Folder of libtensorflow_cc.so.2 and, for CUDA, of NVIDIA's libraries. */
  libraries: string;
  /** Why the GPU of this machine was passed over at set-up; null where there is none. */
  gpuRefused: string | null;
  /** [from, below): the compute capabilities that the CUDA build has kernels for. */
  computeCapability: [number, number];
  /** False: the addon finds the libraries by LD_LIBRARY_PATH, which its process is started with. */
  linked?: false;
}

export interface InstalledRuntime extends RuntimeRecord {
  addon: string;
}

function missing(what: string, options?: ErrorOptions): StudioError {
  return new StudioError(
    'runtime-missing',
    `TensorFlow is not set up: ${what}`,
    process.env[recordVariable] === undefined
      ? 'Run `npm run setup` in the project folder.'
      : 'Set it up in the app: Settings has it.',
    options,
  );
}

/** The runtime in `packageFolder`, checked to be all there. Throws `runtime-missing`. */
export function readRuntime(packageFolder: string = findBindingPackage()): InstalledRuntime {
  const recordFile = process.env[recordVariable] ?? join(packageFolder, 'deps', 'runtime.json');
  let record: RuntimeRecord;
  try {
    record = JSON.parse(readFileSync(recordFile, 'utf8')) as RuntimeRecord;
  } catch (cause) {
    throw missing(`${recordFile} cannot be read.`, { cause });
  }
  const addon = join(packageFolder, 'lib', 'napi-v8', 'tfjs_binding.node');
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  for (const path of [addon, ...libraries.map((name) => join(record.libraries, name))]) {
    if (!existsSync(path)) throw missing(`${path} is not there.`);
  }
  return { ...record, addon };
}

function findBindingPackage(): string {
  try {
    const resolve = createRequire(import.meta.url).resolve;
    return dirname(resolve(`${bindingPackageName}/package.json`));
  } catch (cause) {
    throw missing(`the npm package ${bindingPackageName} is not installed.`, { cause });
  }
}
