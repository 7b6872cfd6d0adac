/**
 * McNemar's exact test for two models on the same items: given the items in which they differ, is
 * "fixed" as likely as "broken"? Two-sided binomial test with p = 1/2 (McNemar 1947; exact as in
 * Fagerland, Lydersen, Laake, BMC Med Res Methodol 13:91, 2013): the smaller tail, doubled, at most 1.
 */
export function mcnemarExact(fixed: number, broken: number): number {
  const differing = fixed + broken;
  const smaller = Math.min(fixed, broken);
  // Terms n-choose-k / 2^n from k = 0 up, as logarithms: 2^-n underflows beyond n = 1074.
  let logTerm = -differing * Math.LN2;
  let tail = Math.exp(logTerm);
  for (let k = 1; k <= smaller; k++) {
    logTerm += Math.log((differing - k + 1) / k);
    tail += Math.exp(logTerm);
  }
  return Math.min(1, 2 * tail);
}
