/** What this installation runs on: shown at the foot of the rail, in Settings and by `wds doctor`. */
import type { ErrorDetails } from './errors.ts';

export interface ComputeDescription {
  tensorflow: string;
  device: 'cpu' | 'gpu';
  /** E.g. "NVIDIA RTX 4090, 24 GB" or "AMD EPYC, 2 threads". */
  deviceName: string;
  threads: number;
  /** Why a GPU that is there is not used. */
  refusal?: string;
}

export interface RuntimeDescription {
  version: string;
  electron: string;
  chrome: string;
  node: string;
  /** False: the fallback runtime, older than the one the app is made for. */
  officialElectron: boolean;
  platform: string;
  /** Null while the engine has not answered yet. */
  compute: ComputeDescription | null;
  computeError: ErrorDetails | null;
  memoryBytes: number;
  memoryFreeBytes: number;
  diskFreeBytes: number;
  runsDirectory: string;
  settingsFile: string;
  /** The embedded demo is there. */
  demoAvailable: boolean;
}
