/**
 * Seconds to go, from what was finished since generation began. Short answers finish first, so the
 * mean length of finished ones says too little; dividing all time spent by what is finished, the
 * unfinished ones' share included, is the maximum-likelihood estimate of the time for each under
 * censoring (exponential lengths). Compiling is left out: the clock starts with the first token.
 * Unknown until a tenth, or 8 at least, are finished.
 */
export interface RemainingTime {
  /** With the first token. @param now in ms */
  begin(now: number): void;
  /** Undefined while too little is known. */
  secondsToGo(finished: number, total: number, now: number): number | undefined;
}

export function remainingTime(): RemainingTime {
  let began: number | null = null;
  return {
    begin: (now) => (began ??= now),
    secondsToGo(finished, total, now) {
      const enough = Math.min(total, Math.max(8, Math.ceil(total / 10)));
      if (began === null || finished < enough) return undefined;
      return ((now - began) / 1000 / finished) * (total - finished);
    },
  };
}
