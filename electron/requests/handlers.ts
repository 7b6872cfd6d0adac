/** All handlers, joined from their parts; the compiler says when a request has none. */
import type { Handlers } from '../../main/contract/requests.ts';
import type { Engine } from '../engine/engine-process.ts';
import type { Publish } from '../ipc/publish.ts';
import type { RunHost } from '../runs/run-host.ts';
import type { SettingsStore } from '../settings.ts';
import { compareHandlers } from './compare-handlers.ts';
import { configHandlers } from './config-handlers.ts';
import type { EvaluationHost } from '../runs/evaluation-host.ts';
import { engineHandlers } from './engine-handlers.ts';
import { evaluationHandlers } from './evaluation-handlers.ts';
import { exportHandlers } from './export-handlers.ts';
import { modelHandlers } from './model-handlers.ts';
import { reportHandlers } from './report-handlers.ts';
import { runDataHandlers } from './run-data-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { shellHandlers } from './shell-handlers.ts';

export interface HandlerParts {
  engine: Engine;
  evaluations: EvaluationHost;
  host: RunHost;
  publish: Publish;
  settings: SettingsStore;
}

export function createHandlers(parts: HandlerParts): Handlers {
  return {
    ...runHandlers(parts),
    ...runDataHandlers(parts),
    ...compareHandlers(parts),
    ...configHandlers(),
    ...modelHandlers(parts),
    ...engineHandlers(parts),
    ...evaluationHandlers(parts),
    ...exportHandlers(parts),
    ...reportHandlers(parts),
    ...shellHandlers(parts),
  };
}
