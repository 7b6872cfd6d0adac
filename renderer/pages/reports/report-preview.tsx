/**
 * The report as it will be handed on, in a frame of its own: sandboxed without exception, so nothing in
 * it can run, navigate or reach this page. The frame inherits this page's security policy; the style
 * sheet of the report gets the page's nonce, and everything else in it stays refused.
 */
import { Skeleton, Stack } from '@mantine/core';
import { Failure } from '../../components/failure.tsx';
import type { Asked } from '../../bridge/use-request.ts';
import type { RequestOutput } from '../../../main/contract/requests.ts';

interface Props {
  name: string;
  report: Asked<Pick<RequestOutput<'report.preview'>, 'html'>>;
}

/**
 * The one style element is the report's own; text of users stands escaped, so it cannot be another.
 * Links between chapters would leave such a frame, whose address is that of the page around it.
 */
function asFramed(html: string): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
  return html.replace('<style>', `<style nonce="${nonce}">nav { display: none !important; }`);
}

export function ReportPreview({ name, report }: Props) {
  if (report.error !== null) {
    return (
      <div style={{ padding: 24 }}>
        <Failure error={report.error} />
      </div>
    );
  }
  if (report.data === null) {
    return (
      <Stack p="xl" aria-busy="true" aria-label="Collecting the report">
        <Skeleton h={36} w={320} />
        <Skeleton h={120} />
        <Skeleton h={320} />
      </Stack>
    );
  }
  return (
    <iframe
      title={`Report of ${name}`}
      sandbox=""
      srcDoc={asFramed(report.data.html)}
      className="report-frame"
    />
  );
}
