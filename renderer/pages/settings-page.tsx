/** Preferences, and what this installation computes on. */
import { Button, Paper, SegmentedControl, Stack, Switch, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { act } from '../bridge/actions.tsx';
import { Failure } from '../components/failure.tsx';
import { OldElectron } from '../components/old-electron.tsx';
import { Page } from '../components/page.tsx';
import { runtimePath } from '../components/runtime-gate.tsx';
import { bytes } from '../state/numbers.ts';
import { changeSettings, useShared } from '../state/store.ts';

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={220} fw={500} scope="row">
        {name}
      </Table.Th>
      <Table.Td className="selectable">{children}</Table.Td>
    </Table.Tr>
  );
}

export function SettingsPage() {
  const { settings, runtime } = useShared();
  const chooseFolder = async (): Promise<void> => {
    const path = await act('dialog.open', { kind: 'folder', title: 'Where runs are kept' });
    if (path !== null) changeSettings({ runsDirectory: path });
  };
  return (
    <Page title="Settings and runtime">
      <Stack gap="xl">
        <Paper p="md">
          <Text component="h2" fw={600} m={0} mb="sm">
            Preferences
          </Text>
          <Table horizontalSpacing={0} withRowBorders={false}>
            <Table.Tbody>
              <Row name="Theme">
                <SegmentedControl
                  aria-label="Theme"
                  value={settings?.theme ?? 'auto'}
                  onChange={(theme) =>
                    changeSettings({ theme: theme as 'auto' | 'light' | 'dark' })
                  }
                  data={[
                    { value: 'auto', label: 'As the system' },
                    { value: 'light', label: 'Light' },
                    { value: 'dark', label: 'Dark' },
                  ]}
                />
              </Row>
              <Row name="Notifications">
                <Switch
                  label="Tell me when a run ends"
                  checked={settings?.notifications ?? true}
                  onChange={(event) =>
                    changeSettings({ notifications: event.currentTarget.checked })
                  }
                />
              </Row>
              <Row name="Runs folder">
                <Text span className="mono" mr="md">
                  {runtime?.runsDirectory ?? ''}
                </Text>
                <Button variant="default" onClick={() => void chooseFolder()}>
                  Change…
                </Button>
              </Row>
              <Row name="Explanations">
                <Button
                  variant="default"
                  disabled={(settings?.foldedNotes.length ?? 0) === 0}
                  onClick={() => changeSettings({ foldedNotes: [] })}
                >
                  Show all again
                </Button>
              </Row>
            </Table.Tbody>
          </Table>
        </Paper>
        <Paper p="md">
          <Text component="h2" fw={600} m={0} mb="sm">
            Runtime
          </Text>
          {runtime !== null && runtime.computeError !== null && (
            <Failure error={runtime.computeError}>
              {runtime.pendingSetup !== null && (
                <Button component={Link} href={runtimePath} variant="default">
                  Set up TensorFlow…
                </Button>
              )}
            </Failure>
          )}
          {runtime !== null && <OldElectron runtime={runtime} />}
          {runtime !== null && (
            <Table horizontalSpacing={0} withRowBorders={false} aria-label="Runtime">
              <Table.Tbody>
                <Row name="Version">{runtime.version}</Row>
                <Row name="Computes on">
                  {runtime.compute === null
                    ? 'not started yet'
                    : `${runtime.compute.device.toUpperCase()}: ${runtime.compute.deviceName}, ${runtime.compute.threads} threads`}
                </Row>
                {runtime.compute?.refusal !== undefined && (
                  <Row name="GPU not used">{runtime.compute.refusal}</Row>
                )}
                <Row name="TensorFlow">{runtime.compute?.tensorflow ?? '–'}</Row>
                <Row name="Electron">
                  {`${runtime.electron} (Chrome ${runtime.chrome}, Node ${runtime.node})${
                    runtime.officialElectron
                      ? ''
                      : ', fallback runtime: the official one could not be had here'
                  }`}
                </Row>
                <Row name="System">{runtime.platform}</Row>
                <Row name="Memory">{`${bytes(runtime.memoryFreeBytes)} free of ${bytes(runtime.memoryBytes)}`}</Row>
                <Row name="Disk free">{bytes(runtime.diskFreeBytes)}</Row>
                <Row name="Settings file">
                  <span className="mono">{runtime.settingsFile}</span>
                </Row>
              </Table.Tbody>
            </Table>
          )}
        </Paper>
      </Stack>
    </Page>
  );
}
