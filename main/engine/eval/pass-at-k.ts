/**
 * pass@k of one item: the probability that at least one of k samples drawn from its n is correct,
 * estimated without bias as 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, eq. 1).
 * mean@n is pass@1.
 */
export function passAtK(samples: number, correct: number, k: number): number {
  if (!(Number.isInteger(k) && k >= 1 && k <= samples)) {
    throw new RangeError(`pass@${k} of ${samples} samples is not defined.`);
  }
  if (samples - correct < k) return 1;
  // The quotient of the binomials as a product: neither of them overflows.
  let allWrong = 1;
  for (let i = samples - correct + 1; i <= samples; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}
