/** Computations that a window follows and may cancel, each by the name its window gave it. */

export interface Cancellable {
  /** Its signal is aborted by `cancel` with the same id. */
  run<T>(id: string, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Nothing happens when it has ended already. */
  cancel(id: string): void;
  cancelAll(): void;
  count(): number;
}

export function cancellable(): Cancellable {
  const inWork = new Map<string, AbortController>();
  return {
    async run(id, work) {
      const stop = new AbortController();
      inWork.set(id, stop);
      try {
        return await work(stop.signal);
      } finally {
        inWork.delete(id);
      }
    },
    cancel: (id) => inWork.get(id)?.abort(),
    cancelAll() {
      for (const stop of inWork.values()) stop.abort();
    },
    count: () => inWork.size,
  };
}
