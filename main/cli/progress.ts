/**
 * What a run says in a terminal, on stderr: one line per stage that is done, and below them a bar
 * that moves. Where stderr is no terminal the bar becomes a plain line every few seconds. The time
 * to go is for the stage in work and comes from its speed over the last steps (their mean, weighted
 * towards the newest); it is left out until two of them are known.
 */
import type { RunEvent, StageName } from '../contract/events.ts';
import { formatCount, formatNumber, formatSeconds, printable } from './text.ts';

export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

export interface Progress {
  show(event: RunEvent): void;
  /** Takes the bar away; nothing is shown afterwards. */
  end(): void;
}

const redrawInterval = 100;
const lineInterval = 5000;

export function createProgress(output: ProgressOutput = process.stderr): Progress {
  const isTerminal = output.isTTY === true;
  let barWidth = 0;
  let shown = -Infinity;
  let pace: Pace | null = null;

  return {
    show(event) {
      const line = describe(event);
      if (line !== null) printLine(line, event.time);
      const state = stateOf(event);
      if (state !== null) drawState(state, event.time);
    },
    end: clearBar,
  };

  function stateOf(event: RunEvent): string | null {
    if (event.kind === 'step') {
      pace = advance(pace, event.stage, event.step, event.time);
      return bar(event.stage, event.step, event.steps, pace, [
        `loss ${formatNumber(event.loss)}`,
        `${formatCount(event.tokensPerSecond)} tok/s`,
      ]);
    }
    if (event.kind === 'stage-progress') {
      pace = advance(pace, event.stage, event.done, event.time);
      return bar(
        event.stage,
        event.done,
        event.total,
        pace,
        [printable(event.unit)],
        event.remaining,
      );
    }
    return null;
  }

  /** Times are the events' own, so that a replayed run looks as it did. */
  function drawState(state: string, time: number): void {
    if (time - shown < (isTerminal ? redrawInterval : lineInterval)) return;
    shown = time;
    if (!isTerminal) {
      output.write(`${state}\n`);
      return;
    }
    const text = state.slice(0, Math.max(20, (output.columns ?? 80) - 1));
    output.write(`\r${text.padEnd(barWidth)}`);
    barWidth = text.length;
  }

  function printLine(line: string, time: number): void {
    clearBar();
    output.write(`${printable(line)}\n`);
    if (!isTerminal) shown = time;
  }

  function clearBar(): void {
    if (barWidth > 0) output.write(`\r${' '.repeat(barWidth)}\r`);
    barWidth = 0;
  }
}

/** Events worth a line that stays; null for the others. */
function describe(event: RunEvent): string | null {
  switch (event.kind) {
    case 'run-started': {
      const { device, threads, resumed } = event;
      const verb = resumed ? 'Going on with' : 'Starting';
      return `${verb} run ${event.runId} on ${device}${threads > 0 ? `, ${threads} threads` : ''}`;
    }
    case 'stage-finished': {
      const duration = event.cached ? 'already done' : formatSeconds(event.seconds);
      return `✓ ${event.stage}: ${event.summary} (${duration})`;
    }
    case 'warning':
      return `warning: ${event.message}`;
    case 'run-paused':
      return `Paused: ${event.reason}`;
    case 'run-stopped':
      return `Stopped in ${event.stage} after step ${event.step}.`;
    case 'run-finished':
      return `Finished after ${formatSeconds(event.seconds)}.`;
    default:
      return null;
  }
}

interface Pace {
  stage: StageName;
  done: number;
  time: number;
  /** Milliseconds per unit; null until two moments are known. */
  perUnit: number | null;
}

function advance(pace: Pace | null, stage: StageName, done: number, time: number): Pace {
  if (pace === null || pace.stage !== stage || done <= pace.done) {
    return { stage, done, time, perUnit: null };
  }
  const latest = (time - pace.time) / (done - pace.done);
  const perUnit = pace.perUnit === null ? latest : 0.9 * pace.perUnit + 0.1 * latest;
  return { stage, done, time, perUnit };
}

function bar(
  stage: StageName,
  done: number,
  total: number,
  pace: Pace,
  details: string[],
  remaining?: number,
): string {
  const width = 20;
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.floor(share * width);
  const blocks = '█'.repeat(filled) + '░'.repeat(width - filled);
  const seconds = pace.perUnit === null ? remaining : (pace.perUnit * (total - done)) / 1000;
  const estimate = seconds === undefined ? [] : [`${formatSeconds(Math.max(0, seconds))} to go`];
  const count = `${formatCount(done)}/${formatCount(total)}`;
  return [`${stage} ${blocks} ${count}`, ...details, ...estimate].join('  ');
}
