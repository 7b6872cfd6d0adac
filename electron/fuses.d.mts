/** Electron's fuses as they stand in an executable; null: removed. */
export function readFuses(executable: string): Record<string, boolean | null>;
