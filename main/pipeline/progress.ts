/** Progress of a stage as events, with the seconds to go from the rate so far. */
import type { StageName } from '../contract/events.ts';
import type { RunSettings } from './run-settings.ts';

export function progressOf(
  { context }: RunSettings,
  stage: StageName,
  unit: string,
): (done: number, total: number) => void {
  let first: { time: number; done: number } | null = null;
  return (done, total) => {
    const now = performance.now();
    // The first report comes after compiling; the rate is measured from there.
    const since = (first ??= { time: now, done });
    const rate = (done - since.done) / ((now - since.time) / 1000);
    const remaining = rate > 0 ? { remaining: (total - done) / rate } : {};
    context.emit({ kind: 'stage-progress', stage, done, total, unit, ...remaining });
  };
}
