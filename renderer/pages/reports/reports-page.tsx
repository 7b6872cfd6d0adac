/** Reports: one for each run, read here and taken away in any format. */
import { Button, Group, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useEffect } from 'react';
import { Link } from 'wouter';
import { act, useAction } from '../../bridge/actions.tsx';
import { useRequest } from '../../bridge/use-request.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Page } from '../../components/page.tsx';
import { middleEllipsis } from '../../state/numbers.ts';
import { useShared } from '../../state/store.ts';
import { ExportMenu } from './export-menu.tsx';
import { ReportList } from './report-list.tsx';
import { ReportPreview } from './report-preview.tsx';

export function ReportsPage({ asked }: { asked: string | undefined }) {
  const { runs } = useShared();
  const begun = (runs ?? []).filter(({ started }) => started !== undefined);
  const run = begun.find(({ id }) => id === asked) ?? begun[0];
  const report = useRequest('report.preview', run === undefined ? null : { runId: run.id });
  const { reload } = report;
  useEffect(() => reload(), [reload, run?.status, run?.stage]);
  const open = useAction(async (runId: string) => act('report.open', { runId }));
  if (runs !== null && run === undefined) {
    return (
      <Page title="Reports">
        <EmptyState
          title="No report yet"
          text="Every run writes one: what was run and with what, how the curriculum was drawn, curves, held-out results with their uncertainty, samples, limits. It is there from the first step on."
        >
          <Button component={Link} href="/runs" size="sm">
            Go to the runs
          </Button>
        </EmptyState>
      </Page>
    );
  }
  return (
    <>
      <header className="page-header">
        <Title order={1} className="ellipsis">
          Reports
        </Title>
        {run !== undefined && (
          <Group ml="auto" gap="sm" wrap="nowrap">
            <Button variant="default" component={Link} href={`/runs/${run.id}`}>
              {`Open ${middleEllipsis(run.name, 24)}`}
            </Button>
            <Button
              variant="default"
              loading={open.busy}
              leftSection={<IconExternalLink size={14} />}
              onClick={() => open.go(run.id)}
            >
              Open in browser
            </Button>
            <ExportMenu runId={run.id} hasTensorBoard={report.data?.hasTensorBoard ?? false} />
          </Group>
        )}
      </header>
      <div className="reports">
        <ReportList runs={begun} chosen={run?.id} />
        <div className="report-pane">
          {run !== undefined && <ReportPreview name={run.name} report={report} />}
        </div>
      </div>
    </>
  );
}
