/** What handlers act on; each takes the parts that it needs. */
import type { Engine } from '../engine/engine-process.ts';
import type { Publish } from '../ipc/publish.ts';
import type { EvaluationHost } from '../runs/evaluation-host.ts';
import type { RunHost } from '../runs/run-host.ts';
import type { SettingsStore } from '../settings.ts';

export interface HandlerParts {
  engine: Engine;
  evaluations: EvaluationHost;
  host: RunHost;
  publish: Publish;
  settings: SettingsStore;
}
