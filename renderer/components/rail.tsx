/** The left rail: where one can go, and at its foot what this installation computes on. */
import { Badge, Button, Stack, Text, Tooltip } from '@mantine/core';
import {
  IconArrowsDiff,
  IconDatabase,
  IconListDetails,
  IconMessage,
  IconPlus,
  IconReportAnalytics,
  IconSettings,
  IconTargetArrow,
} from '@tabler/icons-react';
import { Link, useLocation } from 'wouter';
import type { RuntimeDescription } from '../../main/contract/runtime.ts';
import { useShared } from '../state/store.ts';
import { LogoMark } from './logo-mark.tsx';

const links = [
  { to: '/runs', label: 'Runs', Icon: IconListDetails },
  { to: '/compare', label: 'Compare', Icon: IconArrowsDiff },
  { to: '/evaluate', label: 'Evaluate', Icon: IconTargetArrow },
  { to: '/data', label: 'Data', Icon: IconDatabase },
  { to: '/generate', label: 'Generate', Icon: IconMessage },
  { to: '/reports', label: 'Reports', Icon: IconReportAnalytics },
  { to: '/settings', label: 'Settings', Icon: IconSettings },
];

/** A study is a comparison, opened from there. */
function isAt(to: string, location: string): boolean {
  if (to === '/compare' && location.startsWith('/study')) return true;
  return location === to || location.startsWith(`${to}/`);
}

function runtimeLine(runtime: RuntimeDescription | null): string {
  if (runtime === null) return 'Asking the engine…';
  if (runtime.computeError !== null) return 'Engine not available';
  if (runtime.compute === null) return 'Engine starts with the first run';
  const { device, tensorflow } = runtime.compute;
  return `${device.toUpperCase()} · TensorFlow ${tensorflow}`;
}

export function Rail() {
  const [location] = useLocation();
  const { runs, runtime } = useShared();
  const active = runs?.filter(({ status }) => status === 'running').length ?? 0;
  return (
    <nav className="rail" aria-label="Main">
      <div style={{ alignItems: 'center', display: 'flex', gap: 8, padding: '2px 8px 14px' }}>
        <LogoMark />
        <Text fw={600}>Weak-Driven Studio</Text>
      </div>
      <Button
        component={Link}
        href="/new"
        leftSection={<IconPlus size={14} />}
        justify="flex-start"
        mb="md"
      >
        New run
      </Button>
      <Stack gap={2}>
        {links.map(({ to, label, Icon }) => (
          <Link
            key={to}
            href={to}
            className="rail-link"
            aria-current={isAt(to, location) ? 'page' : undefined}
          >
            <Icon size={16} stroke={1.6} />
            <span>{label}</span>
            {to === '/runs' && runs !== null && runs.length > 0 && (
              <Badge
                ml="auto"
                size="sm"
                tt="none"
                variant={active > 0 ? 'filled' : 'default'}
                color="teal"
                aria-label={`${runs.length} runs, ${active} running`}
              >
                {active > 0 ? `${active} running` : runs.length}
              </Badge>
            )}
          </Link>
        ))}
      </Stack>
      <div style={{ marginTop: 'auto', padding: '8px' }}>
        <Tooltip
          label={runtime?.compute?.deviceName ?? runtime?.computeError?.message ?? 'Compute'}
        >
          <Text size="xs" c="dimmed" className="ellipsis">
            {runtimeLine(runtime)}
          </Text>
        </Tooltip>
        <Text size="xs" c="dimmed">
          Ctrl+K for commands
        </Text>
      </div>
    </nav>
  );
}
