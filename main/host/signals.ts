/**
 * Ctrl-C, `kill` and a closed terminal as wishes: the first asks for a stop with a checkpoint, a
 * later one ends the process at once. Repeats within a second are the same wish: a terminal and
 * npm both pass Ctrl-C on.
 */
const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const sameWishWithin = 1000;

/** Returns a function that takes the handlers away again. */
export function onStopSignals(stop: () => void, endAtOnce: () => void): () => void {
  let first: number | null = null;
  const handle = (): void => {
    const now = performance.now();
    if (first === null) {
      first = now;
      stop();
    } else if (now - first > sameWishWithin) {
      endAtOnce();
    }
  };
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
