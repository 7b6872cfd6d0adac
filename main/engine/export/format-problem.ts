/** Which formats a source has: an adapter is no whole model, and a whole model has nothing to merge. */
import type { ModelFormat } from '../../contract/model-export.ts';
import type { ModelSource } from '../train/model-source.ts';

export interface FormatProblem {
  /** To go on after the name of what it is about: "is an adapter, not a whole model." */
  reason: string;
  hint: string;
}

/** Null where `source` can be exported as `format`. */
export function formatProblem(source: ModelSource, format: ModelFormat): FormatProblem | null {
  if (format === 'peft' && source.adapter === null) {
    return {
      reason: 'is a whole model, not an adapter: there is nothing to export as peft.',
      hint: 'Export it as hf or gguf.',
    };
  }
  if (format === 'merged' && source.adapter === null) {
    return {
      reason: 'is a whole model already: there is no adapter to merge.',
      hint: 'Export it as hf or gguf.',
    };
  }
  if (format === 'hf' && source.adapter !== null) {
    return {
      reason: 'is an adapter, not a whole model.',
      hint: 'Export it as merged (a folder that needs no base), peft (the adapter alone) or gguf.',
    };
  }
  return null;
}
