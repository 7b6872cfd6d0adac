export function readyElectron(): Promise<{ executable: string; version: string; kind: string }>;
export function presentElectron(): { executable: string; version: string; kind: string } | null;
export const rootArguments: string[];
