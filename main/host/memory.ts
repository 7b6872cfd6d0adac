/** What a run takes of the machine right now. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import type { EventBody } from '../contract/events.ts';

export function measureMemory(folder: string): EventBody & { kind: 'memory' } {
  return {
    kind: 'memory',
    residentBytes: process.memoryUsage().rss,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    diskFreeBytes: freeDiskBytes(folder),
  };
}

/** Bytes this user may still write on the folder's disk; 0 when the system does not tell. */
export function freeDiskBytes(folder: string): number {
  try {
    // The fallback runtime's Node does not have statfs yet.
    if ('statfsSync' in fs) {
      const { bavail, bsize } = fs.statfsSync(folder);
      return bavail * bsize;
    }
    const lines = execFileSync('df', ['-Pk', folder], { encoding: 'utf8' }).trim().split('\n');
    return Number(lines.at(-1)?.split(/\s+/)[3] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
