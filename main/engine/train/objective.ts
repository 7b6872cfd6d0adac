/**
 * What a training stage minimises; all through the same chunked pass over the vocabulary.
 *   sft      cross-entropy of the strong model
 *   joint    cross-entropy of the mixed logits (WD-JT)
 *   neftune  cross-entropy with noise on the input embeddings (arXiv 2310.05914)
 *   undial   distillation from the model as it was, with the target's logit reduced (arXiv 2402.10052)
 */
export type Objective =
  | { kind: 'sft' }
  | { kind: 'joint'; lambda: number }
  | { kind: 'neftune'; alpha: number }
  | { kind: 'undial'; strength: number };

export type ObjectiveKind = Objective['kind'];

/** The number that the loss is given: the mixture's lambda, or how far UNDIAL lowers the target's logit. */
export function lossScalar(objective: Objective): number {
  if (objective.kind === 'joint') return objective.lambda;
  return objective.kind === 'undial' ? objective.strength : 1;
}
