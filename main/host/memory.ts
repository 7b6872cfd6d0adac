/** What a run takes of the machine right now. */
import type { EventBody } from '../contract/events.ts';
import { freeDiskBytes } from '../engine/checkpoint/disk-space.ts';

export function measureMemory(folder: string): EventBody & { kind: 'memory' } {
  return {
    kind: 'memory',
    residentBytes: process.memoryUsage().rss,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    diskFreeBytes: freeDiskBytes(folder) ?? 0,
  };
}
