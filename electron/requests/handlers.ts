/** All handlers, joined from their parts; the compiler says when a request has none. */
import type { Handlers } from '../../main/contract/requests.ts';
import { compareHandlers } from './compare-handlers.ts';
import { configHandlers } from './config-handlers.ts';
import { engineHandlers } from './engine-handlers.ts';
import { evaluationHandlers } from './evaluation-handlers.ts';
import { exportHandlers } from './export-handlers.ts';
import { generateHandlers } from './generate-handlers.ts';
import type { HandlerParts } from './handler-parts.ts';
import { modelHandlers } from './model-handlers.ts';
import { reportHandlers } from './report-handlers.ts';
import { runDataHandlers } from './run-data-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { studyHandlers } from './study-handlers.ts';
import { shellHandlers } from './shell-handlers.ts';

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
    ...generateHandlers(parts),
    ...reportHandlers(parts),
    ...studyHandlers(),
    ...shellHandlers(parts),
  };
}
