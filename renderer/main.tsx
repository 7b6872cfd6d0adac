/** Starts the window: styles, then the bridge (in a plain browser the fake one), then the app. */
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import 'uplot/dist/uPlot.min.css';
import './styles.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './state/store.ts';

async function start(): Promise<void> {
  if (import.meta.env.DEV && window.studio === undefined) {
    const { fakeBridge } = await import('./bridge/fake-bridge.ts');
    window.studio = await fakeBridge();
  }
  await connect();
  const root = document.getElementById('root');
  if (root !== null) createRoot(root).render(<App />);
}

void start();
