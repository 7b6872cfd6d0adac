/** Columns of a table of scores: the paired difference from the baseline, and how sure it is. */
import { Table, Tooltip } from '@mantine/core';
import type { PairedComparison } from '../../../main/contract/report.ts';
import { count } from '../../state/numbers.ts';

function points(share: number): string {
  const value = Math.abs(share * 100).toFixed(1);
  return `${share > 0 ? '+' : share < 0 ? '−' : '±'}${value}`;
}

function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : p.toFixed(p < 0.1 ? 3 : 2);
}

const tests = {
  mcnemar:
    'McNemar’s exact test, two-sided: how often chance alone gives a split as uneven as this one',
  bootstrap:
    'Paired bootstrap over the items, two-sided: how often resampled items give no difference, or one the other way',
};

export function DifferenceHeads({ test }: { test: keyof typeof tests }) {
  return (
    <>
      <Table.Th w={180} ta="right">
        Difference
      </Table.Th>
      <Table.Th w={76} ta="right">
        <Tooltip label={tests[test]}>
          <span>p</span>
        </Tooltip>
      </Table.Th>
      <Table.Th w={64} ta="right">
        Fixed
      </Table.Th>
      <Table.Th w={64} ta="right">
        Broken
      </Table.Th>
    </>
  );
}

type Difference = Pick<
  PairedComparison,
  'difference' | 'low' | 'high' | 'pValue' | 'fixed' | 'broken'
>;

/** Bold where chance alone would hardly do it. */
export function DifferenceCells(props: { pair: Difference | null; isBaseline: boolean }) {
  const { pair, isBaseline } = props;
  const weight = pair !== null && pair.pValue < 0.05 ? 600 : 400;
  return (
    <>
      <Table.Td ta="right" fw={weight}>
        {pair !== null
          ? `${points(pair.difference)} [${points(pair.low)}, ${points(pair.high)}]`
          : isBaseline
            ? 'baseline'
            : '–'}
      </Table.Td>
      <Table.Td ta="right" fw={weight}>
        {pair === null ? '–' : probability(pair.pValue)}
      </Table.Td>
      <Table.Td ta="right">{count(pair?.fixed)}</Table.Td>
      <Table.Td ta="right">{count(pair?.broken)}</Table.Td>
    </>
  );
}
