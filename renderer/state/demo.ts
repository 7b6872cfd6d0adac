/** The first hour: one click runs the whole method on the embedded model. */
import { ask } from '../bridge/bridge.ts';

export const demoPreset = 'demo';

/** Starts the demo and answers with the run's id. */
export async function startDemo(): Promise<string> {
  const presets = await ask('presets.list', {});
  const demo = presets.find(({ name }) => name === demoPreset);
  if (demo === undefined) throw new Error('The embedded demo is not part of this installation.');
  const run = await ask('runs.create', { config: { ...demo.config }, start: 'now' });
  return run.id;
}
