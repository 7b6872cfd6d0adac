/** What the app is without its engine: the set-up page first, until it is done or put off. */
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useLocation } from 'wouter';
import { RuntimePage } from '../pages/runtime-page.tsx';
import { useShared } from '../state/store.ts';

export const runtimePath = '/runtime';

export function RuntimeGate({ children }: { children: ReactNode }) {
  const [location, go] = useLocation();
  const pending = useShared().runtime?.pendingSetup ?? null;
  const [putOff, setPutOff] = useState(false);
  if (pending === null || (putOff && location !== runtimePath)) return children;
  const skip = (): void => {
    setPutOff(true);
    if (location === runtimePath) go('/runs');
  };
  return <RuntimePage pending={pending} onSkip={skip} />;
}
