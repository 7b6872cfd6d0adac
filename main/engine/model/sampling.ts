/**
 * Choosing the next token from logits, as transformers' `generate` does: logits / temperature, then
 * the k largest (top-k), then the smallest set of most likely tokens whose mass reaches top-p
 * (nucleus sampling, Holtzman et al. 2020), then a draw from what is left, renormalised.
 * Temperature 0 takes the most likely token, the first one among equals.
 *
 * Every prompt draws from a stream of its own, so what a prompt gets depends on the seed and the
 * prompt's index only, not on the batch it happens to be in (up to rounding of the logits).
 */
import { StudioError } from '../../contract/errors.ts';
import { createGenerator, seedSequence } from '../curriculum/numpy-random.ts';

export interface SamplingOptions {
  /** 0: greedy. */
  temperature: number;
  /** In (0, 1]; 1 keeps all tokens. */
  topP: number;
  /** 0 keeps all tokens. */
  topK: number;
}

export const greedy: SamplingOptions = { temperature: 0, topP: 1, topK: 0 };

/** @throws config-invalid for values that are out of range */
export function checkSampling({ temperature, topP, topK }: SamplingOptions): void {
  if (!(temperature >= 0 && temperature < Infinity)) {
    throw invalid(
      `the temperature is ${temperature}`,
      '0 (greedy) or a positive number, such as 1',
    );
  }
  if (!(topP > 0 && topP <= 1)) throw invalid(`top-p is ${topP}`, 'above 0 and at most 1');
  if (!(Number.isInteger(topK) && topK >= 0)) {
    throw invalid(`top-k is ${topK}`, '0 (all tokens) or a positive whole number');
  }
}

/** Uniform numbers in [0, 1) for the prompt with this index; `seed` non-negative, below 2^53. */
export function promptStream(seed: number, index: number): () => number {
  const [word] = seedSequence(seed, 1);
  return createGenerator(word! * 2 ** 21 + index).random;
}

export interface Candidate {
  id: number;
  probability: number;
}

/**
 * What a draw chooses from: most likely first, equals by id, probabilities summing to 1.
 * Temperature must be positive.
 */
export function candidates(logits: Float32Array, options: SamplingOptions): Candidate[] {
  const { temperature, topP, topK } = options;
  let peak = -Infinity;
  for (const logit of logits) if (logit > peak) peak = logit;
  const masses = Float64Array.from(logits, (logit) => Math.exp((logit - peak) / temperature));
  let total = 0;
  for (const mass of masses) total += mass;
  const count = topK > 0 ? Math.min(topK, masses.length) : masses.length;
  // 1 means every token: a sum that rounds to the total is not yet everything.
  const share = topP === 1 ? Infinity : topP;
  const wanted = total * share;
  let kept = mostLikely(masses, (found, mass) => found >= count || mass >= wanted);
  if (count < masses.length) {
    kept = kept.slice(0, count);
    total = kept.reduce((sum, { probability }) => sum + probability, 0);
  }
  let before = 0;
  const nucleus = kept.filter(({ probability }) => {
    const inside = before < share * total;
    before += probability;
    return inside;
  });
  const mass = nucleus.reduce((sum, { probability }) => sum + probability, 0);
  return nucleus.map(({ id, probability }) => ({ id, probability: probability / mass }));
}

export function sampleToken(
  logits: Float32Array,
  options: SamplingOptions,
  random: () => number,
): number {
  if (options.temperature === 0) return mostLikelyToken(logits);
  const choice = candidates(logits, options);
  let rest = random();
  for (const { id, probability } of choice) {
    rest -= probability;
    if (rest < 0) return id;
  }
  return choice.at(-1)!.id;
}

export function mostLikelyToken(logits: Float32Array): number {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id]! > logits[best]!) best = id;
  return best;
}

/**
 * At least the tokens that `enough` (of how many, of what mass) asks for, in descending order. A
 * whole vocabulary is not sorted: a falling threshold collects few tokens first.
 */
function mostLikely(
  masses: Float64Array,
  enough: (found: number, mass: number) => boolean,
): Candidate[] {
  for (let threshold = 1 / 64; ; threshold /= 64) {
    const lowest = threshold < 1e-30 ? 0 : threshold;
    const found: Candidate[] = [];
    let mass = 0;
    for (let id = 0; id < masses.length; id++) {
      const probability = masses[id]!;
      if (probability < lowest) continue;
      found.push({ id, probability });
      mass += probability;
    }
    if (lowest === 0 || enough(found.length, mass)) {
      return found.sort((a, b) => b.probability - a.probability || a.id - b.id);
    }
  }
}

function invalid(what: string, allowed: string): StudioError {
  return new StudioError('config-invalid', `Cannot sample: ${what}.`, `Give ${allowed}.`);
}
