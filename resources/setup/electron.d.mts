export interface ElectronRuntime {
  executable: string;
  version: string;
  kind: 'official' | 'fallback';
}
/** The runtime to build and start the app with, installed where it is missing. */
export function ensureElectron(options?: { official?: boolean }): Promise<ElectronRuntime>;
/** The runtime if it is there, without fetching anything. */
export function findElectron(): ElectronRuntime | null;
