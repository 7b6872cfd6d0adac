/** The figures of a chart as a table: the newest steps first, at most 200 of them. */
import { ScrollArea, Table } from '@mantine/core';
import { significant } from '../../state/numbers.ts';
import type { ChartData, Curve } from './chart-data.ts';

interface Props {
  title: string;
  curves: Curve[];
  data: ChartData;
  height: number;
}

export function ChartTable({ title, curves, data, height }: Props) {
  const rows = Math.min(200, data.x.length);
  const indices = Array.from({ length: rows }, (_, row) => data.x.length - 1 - row);
  return (
    <ScrollArea h={height + 28} viewportProps={{ tabIndex: 0, 'aria-label': `${title}, table` }}>
      <Table stickyHeader verticalSpacing={2}>
        <Table.Caption>{`${title}: the last ${rows} of ${data.x.length} steps`}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Step</Table.Th>
            {curves.map(({ label }) => (
              <Table.Th key={label} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {indices.map((index) => (
            <Table.Tr key={index}>
              <Table.Td>{data.x[index]}</Table.Td>
              {data.raw.map((values, curve) => (
                <Table.Td key={curve} ta="right">
                  {significant(values[index])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
