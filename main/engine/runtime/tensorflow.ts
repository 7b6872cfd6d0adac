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
  const cache =
    process.env['TF_XLA_FLAGS'] === undefined ? openCompileCache(runtime.tensorflow) : null;
  if (cache) process.env['TF_XLA_FLAGS'] = `--tf_xla_persistent_cache_directory=${cache}`;
  process.env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true';
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
