export function readyElectron(): Promise<{ executable: string; version: string; kind: string }>;
export const rootArguments: string[];
