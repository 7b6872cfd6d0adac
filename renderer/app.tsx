/** Theme, routes and the frame around every page. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { navigate, useHashLocation } from 'wouter/use-hash-location';
import { onPush } from './bridge/bridge.ts';
import { CommandPalette } from './components/command-palette.tsx';
import { ExportDialog } from './components/export/export-dialog.tsx';
import { FailureBoundary } from './components/failure-boundary.tsx';
import { Rail } from './components/rail.tsx';
import { RuntimeGate } from './components/runtime-gate.tsx';
import { ComparePage } from './pages/compare-page.tsx';
import { DataPage } from './pages/data-page.tsx';
import { EvaluatePage } from './pages/evaluate/evaluate-page.tsx';
import { GeneratePage } from './pages/generate-page.tsx';
import { NewRunPage } from './pages/new-run/new-run-page.tsx';
import { ReportsPage } from './pages/reports/reports-page.tsx';
import { RunPage } from './pages/run/run-page.tsx';
import { RunsPage } from './pages/runs-page.tsx';
import { SettingsPage } from './pages/settings-page.tsx';
import { StudyPage } from './pages/study-page.tsx';
import { useShared } from './state/store.ts';
import { theme } from './theme.ts';

function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
}

function Pages() {
  return (
    <Switch>
      <Route path="/runs">{() => <RunsPage />}</Route>
      <Route path="/new/:from?/:weights?">
        {({ from, weights }) => <NewRunPage key={from ?? ''} from={from} weights={weights} />}
      </Route>
      <Route path="/runs/:id/:tab?">
        {({ id, tab }) => <RunPage key={id} runId={id} tab={tab ?? 'overview'} />}
      </Route>
      <Route path="/compare/:runs?">
        {({ runs }) => <ComparePage key={runs ?? ''} asked={runs} />}
      </Route>
      <Route path="/evaluate-model/:model">
        {({ model }) => <EvaluatePage shown={undefined} model={model} />}
      </Route>
      <Route path="/evaluate/:id?">
        {({ id }) => <EvaluatePage shown={id} model={undefined} />}
      </Route>
      <Route path="/data">{() => <DataPage />}</Route>
      <Route path="/generate/:model?">
        {({ model }) => <GeneratePage key={model ?? ''} asked={model} />}
      </Route>
      <Route path="/reports/:run?">{({ run }) => <ReportsPage asked={run} />}</Route>
      <Route path="/study/:folder?">
        {({ folder }) => <StudyPage key={folder ?? ''} asked={folder} />}
      </Route>
      <Route path="/settings">{() => <SettingsPage />}</Route>
      <Route>
        <Redirect to="/runs" />
      </Route>
    </Switch>
  );
}

export function App() {
  const chosen = useShared().settings?.theme ?? 'auto';
  useEffect(() => onPush('navigate', ({ to }) => navigate(to)), []);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      {...(chosen === 'auto' ? {} : { forceColorScheme: chosen })}
      getStyleNonce={styleNonce}
    >
      <Router hook={useHashLocation}>
        <Notifications position="bottom-right" limit={4} />
        <RuntimeGate>
          <CommandPalette />
          <ExportDialog />
          <div className="app">
            <Rail />
            <main className="main">
              <FailureBoundary>
                <Pages />
              </FailureBoundary>
            </main>
          </div>
        </RuntimeGate>
      </Router>
    </MantineProvider>
  );
}
