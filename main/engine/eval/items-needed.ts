/**
 * How many items a paired comparison needs to show, with 80 % power at the two-sided 5 % level, a
 * difference as large as the one observed (Connor, Biometrics 43:207, 1987; the unconditional McNemar
 * test): n = (z_0.975 sqrt(s) + z_0.8 sqrt(s - d^2))^2 / d^2, s the share of differing items, d the
 * difference. Rounded up; null when there is no difference to show.
 */
export function itemsNeeded(fixed: number, broken: number, items: number): number | null {
  const difference = (fixed - broken) / items;
  if (items === 0 || difference === 0) return null;
  const differing = (fixed + broken) / items;
  const square = difference * difference;
  const root =
    1.959963984540054 * Math.sqrt(differing) + 0.8416212335729143 * Math.sqrt(differing - square);
  return Math.ceil((root * root) / square);
}
