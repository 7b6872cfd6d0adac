/** Settings of the runs that are not the same in all of them, and nothing else. */
import { Paper, Table, Text } from '@mantine/core';
import type { Comparison } from '../../../main/contract/comparison.ts';
import { ModelName } from './compared-name.tsx';

export function SettingsCard({ models, settings }: Pick<Comparison, 'models' | 'settings'>) {
  return (
    <Paper p="md">
      <Text component="h2" fw={600} m={0} mb={settings.length === 0 ? 0 : 'xs'}>
        Settings that differ
      </Text>
      {settings.length === 0 ? (
        <Text c="dimmed">None: these models come from runs with the same settings.</Text>
      ) : (
        <Table aria-label="Settings that differ" layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={220}>Setting</Table.Th>
              {models.map((model, index) => (
                <Table.Th key={model.label}>
                  <ModelName model={model} index={index} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settings.map(({ name, values }) => (
              <Table.Tr key={name}>
                <Table.Td className="mono">{name}</Table.Td>
                {values.map((value, index) => (
                  <Table.Td key={index} className="mono selectable ellipsis" title={value ?? ''}>
                    {value ?? '–'}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Paper>
  );
}
