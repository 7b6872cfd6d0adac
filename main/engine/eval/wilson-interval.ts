/** Wilson's score interval of a proportion: sound for few items and near 0 and 1 (Wilson 1927). */
export function wilsonInterval(
  correct: number,
  items: number,
  z = 1.959963984540054,
): { low: number; high: number } {
  if (items === 0) return { low: 0, high: 1 };
  const share = correct / items;
  const square = (z * z) / items;
  const centre = (share + square / 2) / (1 + square);
  const spread = share * (1 - share) + square / 4;
  const half = ((z / Math.sqrt(items)) * Math.sqrt(spread)) / (1 + square);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
