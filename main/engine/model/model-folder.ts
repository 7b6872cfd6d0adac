/** A new folder for a model. One that holds a model already is refused: its weights may be worth more. */
import { mkdirSync, readdirSync } from 'node:fs';
import { StudioError } from '../../contract/errors.ts';
import { asWriteError } from '../checkpoint/durable-file.ts';

/** @throws file-unwritable, disk-full */
export function makeModelFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw asWriteError(folder, error);
  }
  const found = readdirSync(folder).find(
    (file) => file === 'config.json' || file.endsWith('.safetensors'),
  );
  if (found === undefined) return;
  throw new StudioError(
    'file-unwritable',
    `${folder} holds ${found} already.`,
    'Choose another folder, or remove that model first.',
  );
}
