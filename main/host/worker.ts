/**
 * What the computing process does with messages: one run at a time, and computations beside it by
 * name. It knows neither the pipeline nor the engine: both are passed in as functions that load
 * them when first needed, so that the process is ready before TensorFlow is loaded.
 */
import type { RunConfig } from '../contract/config.ts';
import { StudioError, toErrorDetails } from '../contract/errors.ts';
import type { RunPipeline } from '../pipeline/run-context.ts';
import { batchEvents } from './event-batches.ts';
import type { Port } from './port.ts';
import type { Session } from './session.ts';
import { startSession } from './session.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

export interface ComputationContext {
  signal: AbortSignal;
  progress(value: unknown): void;
}

/** Its input was parsed by the contract's schema before it was sent here. */
export type Computation = (payload: unknown, context: ComputationContext) => Promise<unknown>;

export interface WorkerParts {
  loadPipeline: () => Promise<RunPipeline<RunConfig>>;
  computations: Record<string, () => Promise<Computation>>;
}

export function serveWorker(port: Port<FromWorker, ToWorker>, parts: WorkerParts): void {
  let session: Session | 'starting' | null = null;
  const running = new Map<number, AbortController>();
  const computations = new Map(Object.entries(parts.computations));

  port.onMessage((message) => {
    switch (message.type) {
      case 'start':
        void start(message.runFolder);
        break;
      case 'wish':
        if (session !== null && session !== 'starting') session.request(message.wish);
        break;
      case 'request':
        void compute(message);
        break;
      case 'cancel':
        running.get(message.id)?.abort();
        break;
    }
  });
  port.post({ type: 'ready', requests: [...computations.keys()] });

  async function start(runFolder: string): Promise<void> {
    if (session !== null) {
      const error = toErrorDetails(
        new StudioError(
          'run-locked',
          'Another run is in work.',
          'Wait for it, or put this one into the queue.',
        ),
      );
      port.post({ type: 'refused', runFolder, error });
      return;
    }
    session = 'starting';
    try {
      const runPipeline = await parts.loadPipeline();
      const started = startSession({
        runFolder,
        runPipeline,
        onEvent: (event) => batches.add(event),
        onRewind(lastSeq) {
          batches.flush();
          port.post({ type: 'rewound', runId: started.runId, lastSeq });
        },
      });
      const { runId } = started;
      const batches = batchEvents((events) => port.post({ type: 'events', runId, events }));
      session = started;
      const end = await started.end;
      batches.flush();
      session = null;
      port.post({ type: 'ended', runId, end });
    } catch (error) {
      session = null;
      port.post({ type: 'refused', runFolder, error: toErrorDetails(error) });
    }
  }

  async function compute({ id, name, payload }: ToWorker & { type: 'request' }): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const load = computations.get(name);
      if (load === undefined) throw new Error(`The worker has no computation ${name}.`);
      const computation = await load();
      const progress = (value: unknown) => port.post({ type: 'progress', id, value });
      const result = await computation(payload, { signal: controller.signal, progress });
      if (controller.signal.aborted) throw cancelled(name);
      port.post({ type: 'response', id, result });
    } catch (error) {
      const shown = controller.signal.aborted ? cancelled(name) : error;
      port.post({ type: 'error', id, error: toErrorDetails(shown) });
    } finally {
      running.delete(id);
    }
  }
}

function cancelled(name: string): StudioError {
  return new StudioError('stopped', `${name} was cancelled.`, 'Ask again when you need it.');
}
