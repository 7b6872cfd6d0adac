/**
 * Examples of realistic lengths with random tokens: prompt and answer lengths are drawn from
 * log-normal distributions like those of grade-school mathematics problems with worked answers
 * (GSM8K's kind: prompts of about 80 tokens with the chat template, answers of about 125, the longest
 * examples four times the mean).
 */
import { createGenerator } from '../curriculum/numpy-random.ts';
import type { Example } from '../data/example.ts';

export const longestExample = 768;

export function lengthMix(count: number, vocabulary: number, seed: number): Example[] {
  const { random } = createGenerator(seed);
  // Box and Muller.
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const drawn = (median: number, deviation: number): number =>
    Math.max(4, Math.round(median * Math.exp(deviation * normal())));
  return Array.from({ length: count }, (_, row): Example => {
    const prompt = 20 + drawn(55, 0.4);
    const length = Math.min(longestExample, prompt + drawn(110, 0.5));
    return {
      id: row,
      row,
      ids: Int32Array.from({ length }, () => Math.floor(random() * vocabulary)),
      completionMask: Uint8Array.from({ length }, (_, t) => (t >= prompt ? 1 : 0)),
      fullLength: length,
      truncated: false,
      promptIsPrefix: true,
    };
  });
}
