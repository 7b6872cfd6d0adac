/**
 * The wizard's unfinished draft, kept in this window's own storage: it is still there after a look at
 * another page, a crash of the page, or a restart of the app, until its run is made or it is discarded.
 */
import { z } from 'zod';
import { runConfigSchema } from '../../main/contract/config.ts';
import { emptyDraft, wizardSteps } from './draft.ts';
import type { Draft, WizardStep } from './draft.ts';

export interface KeptDraft {
  draft: Draft;
  step: WizardStep;
  /** Steps the user has looked at. */
  visited: WizardStep[];
}

const key = 'new-run';
const places = z.object({ step: z.enum(wizardSteps), visited: z.array(z.enum(wizardSteps)) });

export function freshDraft(): KeptDraft {
  return { draft: emptyDraft(), step: 'start', visited: ['start'] };
}

/** What is damaged, or of a version with other settings, is no draft: the wizard starts anew. */
export function readDraft(storage: Storage = localStorage): KeptDraft {
  try {
    const { draft, ...rest } = JSON.parse(storage.getItem(key) ?? '') as { draft: Draft };
    const { step, visited } = places.parse(rest);
    const { model, data, weak } = draft;
    // What is still to be chosen is empty, which no config of a run may be.
    const filled = { model: model || '-', data: { ...data, file: data.file || '-' } };
    const checked = runConfigSchema.parse({ ...draft, ...filled, weak: weak || '-' });
    return {
      draft: { ...checked, model, weak, data: { ...checked.data, file: data.file } },
      step,
      visited,
    };
  } catch {
    return freshDraft();
  }
}

export function keepDraft(kept: KeptDraft, storage: Storage = localStorage): void {
  storage.setItem(key, JSON.stringify(kept));
}

export function dropDraft(storage: Storage = localStorage): void {
  storage.removeItem(key);
}
