/**
 * The configuration a wizard is filling in: a complete `RunConfig` in which model and data file may
 * still be empty. Every default comes from the contract's schema.
 */
import { runConfigSchema } from '../../main/contract/config.ts';
import type { RunConfig } from '../../main/contract/config.ts';

export type Draft = RunConfig;

export function emptyDraft(): Draft {
  const complete = runConfigSchema.parse({ model: '-', data: { file: '-' } });
  return { ...complete, model: '', data: { ...complete.data, file: '' } };
}

/** A preset's or another run's config as a draft. */
export function draftFrom(config: unknown): Draft {
  return runConfigSchema.parse(config);
}

/** What keeps the draft from being started, by wizard step; empty when ready. */
export function openQuestions(draft: Draft): { step: WizardStep; text: string }[] {
  const open: { step: WizardStep; text: string }[] = [];
  if (draft.model === '') open.push({ step: 'model', text: 'Choose a model folder.' });
  if (draft.data.file === '') open.push({ step: 'data', text: 'Choose a data file.' });
  if (draft.weak === '') open.push({ step: 'weak', text: 'Choose a weak agent.' });
  const { scheme, alpha, beta, gamma } = draft.curriculum;
  if (scheme !== 'uniform' && alpha + beta + gamma === 0) {
    open.push({ step: 'curriculum', text: 'At least one of α, β, γ must be above 0.' });
  }
  return open;
}

export const wizardSteps = [
  'start',
  'model',
  'data',
  'weak',
  'curriculum',
  'mixing',
  'optimisation',
  'review',
] as const;
export type WizardStep = (typeof wizardSteps)[number];

export const stepTitles: Record<WizardStep, string> = {
  start: 'Start from',
  model: 'Model',
  data: 'Data',
  weak: 'Weak agent',
  curriculum: 'Curriculum',
  mixing: 'Mixing',
  optimisation: 'Optimisation',
  review: 'Review',
};
