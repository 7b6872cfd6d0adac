/** "Export…": asks how and where to, shows how far it is, and where the model lies in the end. */
import { Modal, Stack } from '@mantine/core';
import { tellFailureDetails } from '../../bridge/actions.tsx';
import { hideExport, startExport, useModelExport } from '../../state/model-export.ts';
import { ExportForm, type ExportOrder } from './export-form.tsx';
import { ExportDone, ExportProgress, tellExported } from './export-progress.tsx';

export function ExportDialog() {
  const { target, isOpen, turn, work, done, error } = useModelExport();
  if (target === null) return null;
  const start = (order: ExportOrder): void => {
    void startExport({ checkpoint: target.checkpoint, ...order }, (end) => {
      if (end.done !== null) tellExported(end.done);
      if (end.error !== null) tellFailureDetails(end.error);
    });
  };
  return (
    <Modal
      opened={isOpen}
      onClose={hideExport}
      keepMounted
      title={`Export ${target.title}`}
      size={620}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="md">
        {/* Kept while the work is under way: after an error or a cancel, what was entered is there. */}
        <div hidden={work !== null || done !== null}>
          <ExportForm key={turn} checkpoint={target.checkpoint} error={error} onStart={start} />
        </div>
        {work !== null && <ExportProgress work={work} />}
        {done !== null && <ExportDone done={done} />}
      </Stack>
    </Modal>
  );
}
