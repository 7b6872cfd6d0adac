export function endOfSupport(version: string): string | null;
export function supportEnded(version: string, now?: Date): string | null;
