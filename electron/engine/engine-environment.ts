/**
 * The environment of the engine process: what TensorFlow needs, and of ours only what a program
 * reasonably reads. For CUDA the library path must be there before the process starts.
 */
import { codeWindowsVariable } from '../../main/host/window-sandbox.ts';
import { readRuntime } from '../../main/engine/runtime/runtime-record.ts';
import { runtimeEnvironment } from '../../resources/setup/runtime-record.mjs';
import { codeWindowsCommand } from '../code-windows.ts';

const passed = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SystemRoot',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  'WDS_HOME',
  'WDS_RUNTIME_RECORD',
  'LD_LIBRARY_PATH',
  // For the windows of code tasks, which the engine starts.
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'CUDA_VISIBLE_DEVICES',
  'OMP_NUM_THREADS',
  'TF_CPP_MIN_LOG_LEVEL',
  'XLA_FLAGS',
  'TF_XLA_FLAGS',
];

/** Without a runtime the engine still starts, and says itself what is missing. */
export function engineEnvironment(): Record<string, string> {
  const own: Record<string, string> = {
    [codeWindowsVariable]: JSON.stringify(codeWindowsCommand()),
  };
  for (const name of passed) {
    const value = process.env[name];
    if (value !== undefined) own[name] = value;
  }
  try {
    return runtimeEnvironment(readRuntime(), own);
  } catch {
    return own;
  }
}
