/**
 * What set-up tells the processes that load TensorFlow, in `deps/runtime.json` beside the addon (read by
 * launch.mjs, by main/engine/runtime and by whoever starts a process that computes):
 * `{ tensorflow, build, libraries, gpuRefused, computeCapability: [from, below] }`. The packaged app
 * keeps one with `linked: false` in the user's cache (app-runtime.mjs): its addon finds the libraries by
 * LD_LIBRARY_PATH alone.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runtimeRecordFile } from './paths.mjs';

/** Compute capabilities that TensorFlow 2.21's CUDA wheel has kernels for (sm_60 to sm_90). */
export const computeCapability = [6, 10];

export function runtimeRecord(tensorflow, gpuRefused) {
  const { version, build, libraries } = tensorflow;
  return { tensorflow: version, build, libraries, gpuRefused, computeCapability };
}

export function readRuntimeRecord() {
  return JSON.parse(readFileSync(runtimeRecordFile, 'utf8'));
}

/** Puts `first` in front of a list unless it is in it: a child's environment is its parent's. */
function joinOnce(separator, first, list) {
  const parts = (list ?? '').split(separator).filter((part) => part !== '' && part !== first);
  return [first, ...parts].join(separator);
}

/**
 * The environment of a process that loads TensorFlow. The dynamic linker reads LD_LIBRARY_PATH when a
 * process starts, so for CUDA a parent has to set it. What the user set stays.
 */
export function runtimeEnvironment(record, base) {
  const environment = {
    TF_CPP_MIN_LOG_LEVEL: '3',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...base,
  };
  if (record.build === 'cuda' || record.linked === false) {
    environment.LD_LIBRARY_PATH = joinOnce(':', record.libraries, base.LD_LIBRARY_PATH);
  }
  if (record.build === 'cuda') {
    const cuda = join(dirname(record.libraries), 'cuda');
    environment.PATH = joinOnce(':', join(cuda, 'bin'), base.PATH);
    environment.XLA_FLAGS = joinOnce(' ', `--xla_gpu_cuda_data_dir=${cuda}`, base.XLA_FLAGS);
  }
  return environment;
}
