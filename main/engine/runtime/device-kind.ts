/** What computations beside a run use: the GPU where there is one that TensorFlow takes. */
import { describeRuntime } from './describe-runtime.ts';

/** @throws runtime-missing */
export function deviceKind(): 'cpu' | 'gpu' {
  const { gpu } = describeRuntime();
  return gpu !== null && !('refused' in gpu) ? 'gpu' : 'cpu';
}
