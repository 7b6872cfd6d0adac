/**
 * An open program: TensorFlow holds its graph and variables; calls feed and fetch typed arrays.
 * tfjs opens it as a SavedModel, and its backend's `runSavedModel` then runs any feeds and fetches
 * in that session. A call is synchronous and cannot be interrupted; pause and stop act between calls.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTensorFlow } from '../runtime/tensorflow.ts';
import type { Call, Feed, Fetched } from './call.ts';
import { elementCount } from './dtype.ts';
import type { Entry, Program, Variable } from './program.ts';
import type { Value } from './scope.ts';
import { addTransferEntries, type TransferGroup } from './transfer.ts';
import { loadVariables, variableReader, type VariableSource } from './variable-stream.ts';

export interface Session {
  call: Call;
  /** Fills whole groups of variables; sources in the order of declaration. */
  load(sources: Iterable<VariableSource>): void;
  /** A variable's raw little-endian bytes in pieces of whole rows; best read in declared order. */
  read(variable: string): Generator<Uint8Array>;
  zero(group: string): void;
  readonly variables: ReadonlyMap<string, Variable>;
  close(): void;
}

/** What of tfjs-node is used beyond its typings. */
interface SavedModelBackend {
  runSavedModel(
    session: number,
    inputs: unknown[],
    infos: { name: string }[],
    outputs: string[],
  ): { dataSync(): Fetched; dispose(): void }[];
}

export async function openSession(program: Program): Promise<Session> {
  const groups: TransferGroup[] = addTransferEntries(program);
  const tf = loadTensorFlow();
  const folder = mkdtempSync(join(tmpdir(), 'wds-graph-'));
  writeFileSync(join(folder, 'saved_model.pb'), program.savedModel());
  const model = await tf.node.loadSavedModel(folder, ['serve'], 'program');
  rmSync(folder, { recursive: true, force: true });
  const { sessionId, backend } = model as unknown as {
    sessionId: number;
    backend: SavedModelBackend;
  };

  const tensor = (name: string, { dtype, shape }: Value, feed: Feed | undefined) => {
    if (feed === undefined) throw new Error(`the call feeds no '${name}'`);
    const type = dtype === 'f32' ? 'float32' : 'int32';
    if (typeof feed === 'number') return tf.scalar(feed, type);
    const anyShape = shape.length === 0;
    if (!anyShape && feed.length !== elementCount(shape)) {
      throw new Error(`'${name}' is [${shape}] but ${feed.length} numbers were fed`);
    }
    return tf.tensor(feed, anyShape ? [feed.length] : [...shape], type);
  };

  const run = (entry: Entry, feeds: Record<string, Feed>): Record<string, Fetched> => {
    const inputs = Object.entries(entry.inputs);
    const tensors = inputs.map(([name, value]) => tensor(name, value, feeds[name]));
    const fetches = Object.entries(entry.outputs);
    try {
      const results = backend.runSavedModel(
        sessionId,
        tensors,
        inputs.map(([, value]) => ({ name: tensorName(value) })),
        fetches.map(([, value]) => tensorName(value)),
      );
      const fetched: Record<string, Fetched> = {};
      results.forEach((result, index) => {
        fetched[fetches[index]![0]] = result.dataSync();
        result.dispose();
      });
      return fetched;
    } finally {
      tensors.forEach((used) => used.dispose());
    }
  };

  const call: Call = (name, feeds = {}) => {
    const entry = program.entries.get(name);
    if (!entry) throw new Error(`the program has no entry '${name}'`);
    return run(entry, feeds);
  };
  const reader = variableReader(call, groups);
  const changing: Call = (name, feeds) => {
    reader.forget();
    return call(name, feeds);
  };
  return {
    call: changing,
    variables: program.variables,
    load: (sources) => loadVariables(changing, groups, sources),
    read: reader.read,
    zero: (group) => void changing(`zero:${group}`, { zero: 0 }),
    close: () => model.dispose(),
  };
}

function tensorName(value: Value): string {
  return `${value.node.name}:${value.index}`;
}
