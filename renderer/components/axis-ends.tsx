/** Below a plot: the values at both ends of its axis, and between them what the axis is. */
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

export function AxisEnds({ low, axis, high }: { low: string; axis: ReactNode; high: string }) {
  return (
    <div style={{ display: 'flex', justifyContent: 'space-between' }}>
      {[low, axis, high].map((text, place) => (
        <Text key={place} size="xs" c="dimmed">
          {text}
        </Text>
      ))}
    </div>
  );
}
