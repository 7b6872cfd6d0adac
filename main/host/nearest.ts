/**
 * The word a user most likely meant: least edits, two swapped letters counting as one (Damerau's
 * distance with adjacent swaps), of equal ones that of the like length; none when all are far off.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = edits(word.toLowerCase(), candidate.toLowerCase());
    const apart = Math.abs(candidate.length - word.length) / 100;
    if (distance + apart < least) [best, least] = [candidate, distance + apart];
  }
  return best;
}

function edits(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= left.length; i++) {
    const above = rows[i - 1]!;
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = above[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Infinity;
      row.push(Math.min(replaced, above[j]! + 1, row[j - 1]! + 1, swapped));
    }
    rows.push(row);
  }
  return rows[left.length]![right.length]!;
}
