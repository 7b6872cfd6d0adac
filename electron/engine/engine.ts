/** Entry of the process that computes, inside Electron's utilityProcess. */
import '../polyfills.ts';
import { portOfUtilityParent } from '../../main/host/port.ts';
import { serveWorker } from '../../main/host/worker.ts';
import type { FromWorker, ToWorker } from '../../main/host/worker-messages.ts';
import { computations } from './computations.ts';

const port = portOfUtilityParent<FromWorker, ToWorker>();
if (port === null) throw new Error('engine.cjs runs in a utility process only.');

serveWorker(port, {
  loadPipeline: async () => {
    (await import('./open-models.ts')).closeModels();
    return (await import('../../main/pipeline/wmss.ts')).runWmss;
  },
  computations,
});
