/** A study (`wds study`): arms over seeds, as the page that it is handed on as. */
import { Button } from '@mantine/core';
import { IconDownload, IconFolderOpen } from '@tabler/icons-react';
import { navigate } from 'wouter/use-hash-location';
import { act, tell, useAction } from '../bridge/actions.tsx';
import { useRequest } from '../bridge/use-request.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { Page } from '../components/page.tsx';
import { ReportPreview } from './reports/report-preview.tsx';

/** Asks for a study's folder and goes to its page. */
export async function openStudy(): Promise<void> {
  const path = await act('dialog.open', { kind: 'folder', title: 'The folder of a study' });
  if (path !== null) navigate(`/study/${encodeURIComponent(path)}`);
}

/** `asked`: the folder, encoded as in an address. */
export function StudyPage({ asked }: { asked: string | undefined }) {
  const path = asked === undefined ? null : decodeURIComponent(asked);
  const study = useRequest('study.open', path === null ? null : { path });
  const save = useAction(async (format: 'html' | 'md') => {
    const saved = path === null ? null : await act('study.export', { path, format });
    if (saved !== null) tell('Saved', saved.file);
  });
  const actions = (
    <>
      <Button
        variant="default"
        leftSection={<IconFolderOpen size={14} />}
        onClick={() => void openStudy()}
      >
        Open a study…
      </Button>
      {(['html', 'md'] as const).map((format) => (
        <Button
          key={format}
          variant="default"
          leftSection={<IconDownload size={14} />}
          disabled={study.data === null}
          loading={save.busy}
          onClick={() => save.go(format)}
        >
          {format === 'html' ? 'Save as HTML…' : 'Save as Markdown…'}
        </Button>
      ))}
    </>
  );
  return (
    <Page title="Study" actions={actions} wide>
      {path === null ? (
        <EmptyState
          title="No study is open"
          text="A study compares ways of training over several seeds. Run one with wds study FILE --out FOLDER, then open its folder here."
        />
      ) : (
        <div className="study-frame">
          <ReportPreview name={study.data?.title ?? 'the study'} report={study} />
        </div>
      )}
    </Page>
  );
}
