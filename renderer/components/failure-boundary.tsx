/** A defect on one page must not take the window down: the rail stays, and the page can be tried again. */
import { Button, Stack } from '@mantine/core';
import { Component } from 'react';
import type { ReactNode } from 'react';
import { failureDetails } from '../bridge/bridge.ts';
import { Failure } from './failure.tsx';

interface State {
  error: unknown;
}

export class FailureBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Stack p="xl">
        <Failure error={failureDetails(this.state.error)}>
          <Button color="red" variant="light" onClick={() => this.setState({ error: null })}>
            Show the page again
          </Button>
        </Failure>
      </Stack>
    );
  }
}
