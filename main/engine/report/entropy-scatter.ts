/**
 * H0 against H1 of every row, for a drawing: up to 1,500 rows as dots; more of them as the cells of a
 * 48 x 48 grid with the rows in each, their mean weight and the term that leads most often. Never a
 * random selection: a lone row far out stays visible as a cell of one.
 */
import type { ReportedCurriculum, WeightedRow } from '../../contract/report.ts';

const mostDots = 1500;
const cellsPerSide = 48;

type Scatter = ReportedCurriculum['scatter'];

export function entropyScatter(
  rows: readonly Pick<WeightedRow, 'entropy0' | 'entropy1' | 'weight' | 'term'>[],
): Scatter {
  const relative = (weight: number): number => weight * rows.length;
  if (rows.length <= mostDots) {
    const points = rows.map(({ entropy0, entropy1, weight, term }) => {
      return { entropy0, entropy1, weight: relative(weight), rows: 1, term };
    });
    return { kind: 'rows', points };
  }
  let top = 0;
  for (const { entropy0, entropy1 } of rows) top = Math.max(top, entropy0, entropy1);
  const width = top / cellsPerSide || 1;
  const cells = new Map<number, { rows: number; weight: number; terms: number[] }>();
  const cellOf = (entropy: number): number =>
    Math.min(cellsPerSide - 1, Math.floor(entropy / width));
  for (const { entropy0, entropy1, weight, term } of rows) {
    const key = cellOf(entropy1) * cellsPerSide + cellOf(entropy0);
    const cell = cells.get(key) ?? { rows: 0, weight: 0, terms: [0, 0, 0] };
    cells.set(key, cell);
    cell.rows++;
    cell.weight += weight;
    cell.terms[term]!++;
  }
  const ordered = [...cells].sort(([left], [right]) => left - right);
  const points = ordered.map(([key, cell]) => ({
    entropy0: ((key % cellsPerSide) + 0.5) * width,
    entropy1: (Math.floor(key / cellsPerSide) + 0.5) * width,
    weight: relative(cell.weight / cell.rows),
    rows: cell.rows,
    term: cell.terms.indexOf(Math.max(...cell.terms)),
  }));
  return { kind: 'cells', points };
}
