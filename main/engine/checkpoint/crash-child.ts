/**
 * A process for the crash tests: saves one small checkpoint and kills itself (SIGKILL) at the named
 * point of the save. Arguments: parent folder, checkpoint's name, its content, point ("" for none).
 * Prints every point that it passes.
 */
import { saveCheckpoint } from './checkpoint-folder.ts';

const [parent, name, content, fatalPoint] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
];

function reach(point: string): void {
  process.stdout.write(`${point}\n`);
  if (point === fatalPoint) process.kill(process.pid, 'SIGKILL');
}

saveCheckpoint(
  parent,
  name,
  (folder) => {
    folder.writeText('state.json', content);
    folder.writeTensors('model.safetensors', [
      {
        name: 'w',
        dtype: 'U8',
        shape: [2 * content.length],
        byteLength: 2 * content.length,
        *chunks() {
          yield new TextEncoder().encode(content);
          reach('the middle of a file');
          yield new TextEncoder().encode(content);
        },
      },
    ]);
  },
  { fields: { step: 2, content }, expectedBytes: 1000, onStep: reach },
);
