/**
 * Loads TensorFlow through tfjs-node-gpu and the addon that set-up compiled. Loading takes a part of a
 * second and cannot be undone: one copy per process, on the device chosen at the first call.
 */
import { createRequire } from 'node:module';
import { StudioError } from '../../contract/errors.ts';
import { describeGpu } from './gpu.ts';
import { openCompileCache } from './compile-cache.ts';
import { addLegacyUtilities } from './legacy-utilities.ts';
import { bindingPackageName, readRuntime } from './runtime-record.ts';

export type TensorFlow = typeof import('@tensorflow/tfjs-node-gpu');
export type DeviceChoice = 'auto' | 'cpu' | 'gpu';

let loaded: TensorFlow | undefined;

/**
 * XLA for CPUs hands some reductions to the YNNPACK library, and builds one more instance of such a kernel when an
 * island runs twice at once; all instances append to one list of constants without a lock. About one training
 * in ten died of it (main/docs/2026-11-25-crash-in-ynnpack.md). An empty list of kinds leaves these kernels to XLA.
 */
function withoutSharedLiterals(flags = ''): string {
  const flag = '--xla_cpu_experimental_ynn_fusion_type';
  return flags.includes(flag) ? flags : `${flags} ${flag}=`.trim();
}

/**
 * Throws `runtime-missing` when the addon or a library is absent or does not load, and
 * `device-unsupported` when `gpu` is asked for and this machine has none that can be used.
 */
export function loadTensorFlow(device: DeviceChoice = 'auto'): TensorFlow {
  if (loaded) return loaded;
  const runtime = readRuntime();
  const gpu = runtime.build === 'cuda' || device === 'gpu' ? describeGpu(runtime) : null;
  const usable = gpu !== null && !('refused' in gpu);
  if (device === 'gpu' && !usable) {
    throw new StudioError(
      'device-unsupported',
      `No GPU can be used: ${gpu && 'refused' in gpu ? gpu.refused : 'there is none'}.`,
      'Set device to auto or cpu.',
    );
  }
  // Read by TensorFlow's C++ code when it starts; process.env reaches it.
  // Level 3: XLA's cache logs errors that are none; real ones come back as exceptions.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '3';
  process.env['XLA_FLAGS'] = withoutSharedLiterals(process.env['XLA_FLAGS']);
  const cache =
    process.env['TF_XLA_FLAGS'] === undefined ? openCompileCache(runtime.tensorflow) : null;
  if (cache) process.env['TF_XLA_FLAGS'] = `--tf_xla_persistent_cache_directory=${cache}`;
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
  // By itself TensorFlow uses oneDNN only on processors with AVX-512 for neural networks, or AMX.
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  if (device === 'cpu' || !usable) process.env['CUDA_VISIBLE_DEVICES'] = '-1';
  addLegacyUtilities();
  try {
    loaded = createRequire(import.meta.url)(bindingPackageName) as TensorFlow;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new StudioError(
      'runtime-missing',
      `TensorFlow cannot be loaded: ${reason}`,
      'Run `npm run setup` in the project folder; `npm run wds -- doctor` shows what is there.',
      { cause },
    );
  }
  return loaded;
}
