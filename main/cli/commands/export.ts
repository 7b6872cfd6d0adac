/** `wds export`: a run's model, or any checkpoint, in a format that other programs load. */
import {
  exportDtypes,
  modelFormats,
  type ExportDtype,
  type ModelExportProgress,
  type ModelFormat,
} from '../../contract/model-export.ts';
import { exportModel } from '../../host/export-model.ts';
import { defaultRunsRoot } from '../../host/run-folders.ts';
import { onStopSignals } from '../../host/signals.ts';
import type { CommandSpec } from '../arguments.ts';
import { parseArguments, usage } from '../arguments.ts';
import { formatCount, printable } from '../text.ts';

export const exportSpec: CommandSpec = {
  name: 'export',
  usage: 'CKPT --format hf|peft|merged|gguf --out DIR|FILE.gguf [options]',
  summary:
    'Takes a model away. CKPT is a run (its enhanced model), a step checkpoint, or any model or adapter folder.',
  options: {
    format: {
      value: 'NAME',
      help: 'hf (transformers), peft (adapter), merged (adapter folded in), gguf (llama.cpp)',
    },
    out: { value: 'PATH', help: 'a new folder; for gguf also a new file ending in .gguf' },
    dtype: { value: 'NAME', help: 'f32, f16, bf16, or q8_0 (gguf only); left out: as stored' },
    base: { value: 'DIR', help: 'base model of an adapter that does not name it' },
    'base-id': { value: 'ID', help: 'where the base is published, e.g. Qwen/Qwen3-4B' },
    name: { value: 'NAME', help: "what the model is called (the run's or the folder's name)" },
    json: { help: 'print one JSON document' },
  },
  positionals: ['CKPT'],
};

export async function exportCommand(args: string[]): Promise<number> {
  const given = parseArguments(exportSpec, args);
  const format = oneOf<ModelFormat>('format', given.required('format'), modelFormats);
  const dtype = given.value('dtype');
  const [base, baseId, name] = ['base', 'base-id', 'name'].map((option) => given.value(option));
  const stop = new AbortController();
  const removeHandlers = onStopSignals(
    () => stop.abort(),
    () => process.exit(1),
  );
  try {
    const exported = await exportModel(
      {
        checkpoint: given.positionals[0]!,
        format,
        out: given.required('out'),
        ...(dtype !== undefined && { dtype: oneOf<ExportDtype>('dtype', dtype, exportDtypes) }),
        ...(base !== undefined && { base }),
        ...(baseId !== undefined && { baseId }),
        ...(name !== undefined && { name }),
      },
      {
        runsRoot: defaultRunsRoot(),
        signal: stop.signal,
        ...(process.stderr.isTTY && { onProgress: showProgress }),
      },
    );
    clearProgress();
    if (given.has('json')) {
      console.log(JSON.stringify(exported));
      return 0;
    }
    for (const note of exported.notes) console.error(`note: ${printable(note)}`);
    const megabytes = formatCount(Math.ceil(exported.bytes / 1e6));
    console.log(`${printable(exported.path)}: ${format}, ${exported.dtype}, ${megabytes} MB`);
    return 0;
  } finally {
    clearProgress();
    removeHandlers();
  }
}

function oneOf<Name extends string>(option: string, name: string, names: readonly Name[]): Name {
  const found = names.find((known) => known === name);
  if (found !== undefined) return found;
  throw usage(exportSpec, `--${option} is one of ${names.join(', ')}, not "${name}".`);
}

let shown = -1;

function showProgress({ doneBytes, totalBytes }: ModelExportProgress): void {
  const percent = Math.floor((100 * doneBytes) / totalBytes);
  if (percent === shown) return;
  shown = percent;
  process.stderr.write(`\rexporting: ${percent} %`);
}

function clearProgress(): void {
  if (shown >= 0) process.stderr.write('\r\x1b[K');
  shown = -1;
}
