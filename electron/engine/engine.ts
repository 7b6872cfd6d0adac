/** Entry of the process that computes, inside Electron's utilityProcess. */
import '../polyfills.ts';
import { constants, setPriority } from 'node:os';
import { portOfUtilityParent } from '../../main/host/port.ts';
import { serveWorker } from '../../main/host/worker.ts';
import type { FromWorker, ToWorker } from '../../main/host/worker-messages.ts';
import { computations } from './computations.ts';

const port = portOfUtilityParent<FromWorker, ToWorker>();
if (port === null) throw new Error('engine.cjs runs in a utility process only.');

// Training takes every core; windows come first. TensorFlow's threads inherit this.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

serveWorker(port, {
  loadPipeline: async () => {
    (await import('./open-models.ts')).closeModels();
    return (await import('../../main/pipeline/wmss.ts')).runWmss;
  },
  computations,
});
