/**
 * A whole set of examples packed into rows, best-fit decreasing (Johnson, 1973): the longest example first,
 * each into the fullest row that has room for it. For passes that make no update, where examples need not
 * stay within a window. The rows that leave room are kept by how much, so a set of N examples takes
 * about N times the row length, not N squared.
 */

export interface PackedRow {
  /** One of the capacities, in tokens. */
  capacity: number;
  /** Indices into the lengths given. */
  members: number[];
}

/**
 * @param lengths tokens of each example, none above the last capacity
 * @param capacities ascending row lengths; a new row has the shortest that holds its first example
 */
export function packSet(lengths: readonly number[], capacities: readonly number[]): PackedRow[] {
  const rows: PackedRow[] = [];
  /** rowsWith[f]: rows with room for f more tokens. */
  const rowsWith = Array.from({ length: capacities.at(-1)! + 1 }, (): PackedRow[] => []);
  const longestFirst = lengths
    .map((_, index) => index)
    .sort((left, right) => lengths[right]! - lengths[left]! || left - right);
  for (const index of longestFirst) {
    const length = lengths[index]!;
    let free = length;
    while (free < rowsWith.length && rowsWith[free]!.length === 0) free++;
    let row = rowsWith[free]?.pop();
    if (row === undefined) {
      const capacity = capacities.find((candidate) => candidate >= length);
      if (capacity === undefined) throw new RangeError(`no row holds ${length} tokens`);
      row = { capacity, members: [] };
      rows.push(row);
      free = capacity;
    }
    row.members.push(index);
    rowsWith[free - length]!.push(row);
  }
  return rows;
}
