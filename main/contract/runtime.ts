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

/** What the packaged app has to fetch before it can compute. */
export interface PendingSetup {
  tensorflow: string;
  build: 'cpu' | 'cuda';
  downloadBytes: number;
  /** Needed while it is being set up; part of it is free again afterwards. */
  diskBytes: number;
  folder: string;
}

/** One step of the set-up under way; the fraction is null where it cannot be known. */
export interface SetupProgress {
  title: string;
  fraction: number | null;
}

export interface RuntimeDescription {
  version: string;
  electron: string;
  chrome: string;
  node: string;
  /** False: the fallback runtime, older than the one the app is made for. */
  officialElectron: boolean;
  /** The day (YYYY-MM-DD) since which it gets no security updates; null while it does. */
  electronSupportEnded: string | null;
  platform: string;
  /** Null while the engine has not answered yet. */
  compute: ComputeDescription | null;
  computeError: ErrorDetails | null;
  /** Null where nothing has to be fetched, and in a checkout, which `npm start` sets up. */
  pendingSetup: PendingSetup | null;
  memoryBytes: number;
  memoryFreeBytes: number;
  diskFreeBytes: number;
  runsDirectory: string;
  settingsFile: string;
  /** The embedded demo is there. */
  demoAvailable: boolean;
}
