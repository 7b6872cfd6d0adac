import { expect, test } from 'vitest';
import { requestSchemas } from '../../main/contract/requests.ts';
import { exportFolderName, secondsLeft } from './model-export.ts';

test('the time left follows the rate so far, once there is one', () => {
  expect(secondsLeft({ doneBytes: 25, totalBytes: 100 }, 10)).toBe(30);
  expect(secondsLeft({ doneBytes: 100, totalBytes: 100 }, 10)).toBe(0);
  expect(secondsLeft({ doneBytes: 25, totalBytes: 100 }, 0.5)).toBeUndefined();
  expect(secondsLeft({ doneBytes: 0, totalBytes: 100 }, 10)).toBeUndefined();
});

test.each([
  ['Arithmetic, λ 0.5', 'hf', '', 'Arithmetic-λ-0.5-hf'],
  ['../../etc/passwd', 'gguf', 'q8_0', 'etc-passwd-gguf-q8_0'],
  ['<b>…</b>', 'peft', '', 'b-b-peft'],
  ['///', 'hf', 'f16', 'model-hf-f16'],
  ['x'.repeat(400), 'hf', '', `${'x'.repeat(120)}-hf`],
])('a folder for %j', (name, format, dtype, folder) => {
  const folderName = exportFolderName(name, format, dtype);
  expect(folderName).toBe(folder);
  expect(requestSchemas['model.export'].shape.folderName.safeParse(folderName).success).toBe(true);
});

test.each(['', '.', '..', '.hidden', 'a/b', 'a\\b', 'a\nb'])('%j is no folder name', (name) => {
  expect(requestSchemas['model.export'].shape.folderName.safeParse(name).success).toBe(false);
});
