/**
 * A model written for other programs. Planned first (the source is opened and checked, the target must
 * be free, the disk must have room), then written in steps, tensor by tensor, so that it can be stopped
 * at any point and leaves nothing half done. The model card and the tokenizer go along.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { ExportedModel, ModelFormat } from '../../contract/model-export.ts';
import { companionFiles, copyCompanions, tokenizerFiles } from '../checkpoint/companion-files.ts';
import { requireDiskSpace } from '../checkpoint/disk-space.ts';
import { asWriteError, durableFileSteps, writeFileDurably } from '../checkpoint/durable-file.ts';
import { openPeftAdapter, peftAdapterSteps } from '../checkpoint/peft-adapter.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';
import { shardedModelSteps, type TensorSource } from '../checkpoint/safetensors-writer.ts';
import type { Steps } from '../checkpoint/steps.ts';
import { elementCount } from '../graph/dtype.ts';
import {
  openMergedWeights,
  type MergedWeights,
  type StoredDtype,
} from '../model/merged-weights.ts';
import type { ModelSource } from '../train/model-source.ts';
import { encodedBytes, encodeWeights, type WeightType } from './encode-weights.ts';
import { ggufChunks, ggufDataBytes } from './gguf-file.ts';
import { ggufHyperparameters, ggufTensors } from './gguf-qwen3.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { newFolderSteps, requireNewFolder } from './new-folder.ts';

export interface ModelExport {
  source: ModelSource;
  format: ModelFormat;
  /** Absent: as stored; for GGUF as the embedding is. */
  type?: WeightType;
  /** A new or empty folder; for GGUF also a new file ending in .gguf. */
  out: string;
  name: string;
  license: string | null;
  /** The published base, e.g. Qwen/Qwen3-4B. */
  baseId: string | null;
  /** README.md of the model, from what is known once it is planned. */
  card: (facts: CardFacts) => string;
  /** Larger models are split; 5 GB (not GiB), as transformers does it, when absent. */
  maxShardBytes?: number;
}

export interface CardFacts {
  dtype: ExportedModel['dtype'];
  parameters: number;
  /** The file to load, for GGUF. */
  ggufFile: string | null;
}

export interface PlannedExport extends CardFacts {
  /** Of the tensors' data: what the steps' bytes sum up to, but for small files. */
  totalBytes: number;
  /** Called once. */
  write(): Steps<{ path: string; files: { name: string; bytes: number }[] }>;
  close(): void;
}

const licenseFiles = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'NOTICE'];
const typeNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;
const dtypes = { F32: 'f32', F16: 'f16', BF16: 'bf16', Q8_0: 'q8_0' } as const;

/**
 * @throws usage for a format that the source does not have, file-unwritable (the target is taken),
 *   disk-full, and what opening a model throws
 */
export function planExport(order: ModelExport): PlannedExport {
  requireFormat(order);
  requireFreeTarget(order);
  if (order.format === 'peft') return planAdapter(order);
  const weights = openMergedWeights(order.source.base, order.source.adapter);
  try {
    return order.format === 'gguf' ? planGguf(order, weights) : planFolder(order, weights);
  } catch (error) {
    weights.close();
    throw error;
  }
}

function requireFormat({ source, format, type }: ModelExport): void {
  const refuse = (message: string, hint: string): StudioError =>
    new StudioError('usage', message, hint);
  if (format === 'peft' && source.adapter === null) {
    throw refuse(
      `${source.base} is a whole model, not an adapter: there is nothing to export as peft.`,
      'Export it as hf or gguf.',
    );
  }
  if (format === 'merged' && source.adapter === null) {
    throw refuse(
      `${source.base} is a whole model already: there is no adapter to merge.`,
      'Export it as hf or gguf.',
    );
  }
  if (format === 'hf' && source.adapter !== null) {
    throw refuse(
      `${source.adapter} is an adapter, not a whole model.`,
      'Export it as merged (a folder that needs no base), peft (the adapter alone) or gguf.',
    );
  }
  if (type === 'Q8_0' && format !== 'gguf') {
    throw refuse(`q8_0 is a type of GGUF, not of ${format}.`, 'Choose f32, f16 or bf16.');
  }
}

function isGgufFile({ format, out }: ModelExport): boolean {
  return format === 'gguf' && out.toLowerCase().endsWith('.gguf');
}

function requireFreeTarget(order: ModelExport): void {
  if (!isGgufFile(order)) return requireNewFolder(order.out);
  for (const path of [order.out, cardBeside(order.out)]) {
    if (!existsSync(path)) continue;
    throw new StudioError(
      'file-unwritable',
      `${path} is there already.`,
      'Choose another name; nothing is written over.',
    );
  }
}

/** The card of a single file: the file's name tells them apart in a folder of several. */
function cardBeside(file: string): string {
  return file.replace(/\.gguf$/i, '.README.md');
}

function requireRoom({ out }: ModelExport, bytes: number): void {
  const parent = dirname(out);
  try {
    mkdirSync(parent, { recursive: true });
  } catch (error) {
    throw asWriteError(parent, error);
  }
  requireDiskSpace(parent, bytes, 'The exported model');
}

/** Tensors one by one in `type`, or each as it is stored. */
function tensorSources(weights: MergedWeights, type: StoredDtype | undefined): TensorSource[] {
  return [...weights.tensors].map(([name, { dtype: stored, shape }]) => {
    const dtype = type ?? stored;
    return {
      name,
      dtype,
      shape,
      byteLength: encodedBytes(dtype, elementCount(shape)),
      *chunks() {
        const { dtype: from, pieces } = weights.read(name);
        yield* encodeWeights(pieces, from, dtype, name);
      },
    };
  });
}

function factsOf(tensors: readonly { dtype: string; shape: readonly number[] }[]): CardFacts {
  const types = [...new Set(tensors.map(({ dtype }) => dtype))];
  return {
    dtype: types.length === 1 ? dtypes[types[0] as WeightType] : 'mixed',
    parameters: tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    ggufFile: null,
  };
}

function planFolder(order: ModelExport, weights: MergedWeights): PlannedExport {
  const type = order.type as StoredDtype | undefined;
  const tensors = tensorSources(weights, type);
  const totalBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  requireRoom(order, totalBytes);
  const facts = factsOf(tensors);
  return {
    ...facts,
    totalBytes,
    *write() {
      const files = yield* newFolderSteps(order.out, function* (folder) {
        const maxShardBytes = order.maxShardBytes ?? 5e9;
        yield* shardedModelSteps(folder, tensors, { maxShardBytes });
        writeText(join(folder, 'config.json'), configText(weights, type));
        copyCompanions(order.source.base, folder, [...companionFiles, ...licenseFiles]);
        writeText(join(folder, 'README.md'), order.card(facts));
        return listFiles(folder);
      });
      return { path: order.out, files };
    },
    close: () => weights.close(),
  };
}

function planAdapter(order: ModelExport): PlannedExport {
  const { base, adapter: folder } = order.source;
  // The whole base is opened: an adapter that does not fit it is refused here, not at its receiver.
  const { config, close } = openMergedWeights(base, folder);
  close();
  const adapter = openPeftAdapter(folder!, config);
  const type = order.type as StoredDtype | undefined;
  const tensors: TensorSource[] = [...adapter.tensors].map(([name, { dtype: stored, shape }]) => {
    const dtype = type ?? (stored as StoredDtype);
    return {
      name,
      dtype,
      shape,
      byteLength: encodedBytes(dtype, elementCount(shape)),
      chunks: () => encodeWeights([adapter.read(name)], stored as StoredDtype, dtype, name),
    };
  });
  const totalBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  requireRoom(order, totalBytes);
  const facts = factsOf(tensors);
  return {
    ...facts,
    totalBytes,
    *write() {
      const files = yield* newFolderSteps(order.out, function* (target) {
        const peft = { ...adapter.config, baseModel: order.baseId ?? base };
        yield* peftAdapterSteps(target, peft, tensors);
        copyCompanions(base, target, [...tokenizerFiles, ...licenseFiles]);
        writeText(join(target, 'README.md'), order.card(facts));
        return listFiles(target);
      });
      return { path: order.out, files };
    },
    close: () => adapter.close(),
  };
}

function planGguf(order: ModelExport, weights: MergedWeights): PlannedExport {
  const { config } = weights;
  const type = order.type ?? weights.tensors.get('model.embed_tokens.weight')!.dtype;
  const tensors = ggufTensors(weights, type);
  const { parameters } = factsOf([...weights.tensors.values()]);
  const metadata = new Map([
    ...ggufHyperparameters(config, {
      name: order.name,
      type,
      parameters,
      license: order.license,
      baseId: order.baseId,
      generation: generationConfig(order.source.base),
    }),
    ...ggufTokenizer(order.source.base, config),
  ]);
  const totalBytes = ggufDataBytes(tensors);
  requireRoom(order, totalBytes + 50e6);
  const ggufFile = isGgufFile(order) ? basename(order.out) : `${fileName(order.name)}-${type}.gguf`;
  const facts: CardFacts = { dtype: dtypes[type], parameters, ggufFile };
  return {
    ...facts,
    totalBytes,
    *write() {
      if (isGgufFile(order)) {
        const card = cardBeside(order.out);
        let isWhole = false;
        try {
          writeText(card, order.card(facts));
          const { bytes } = yield* durableFileSteps(order.out, ggufChunks(metadata, tensors));
          isWhole = true;
          const files = [
            { name: ggufFile, bytes },
            { name: basename(card), bytes: statSync(card).size },
          ];
          return { path: order.out, files };
        } finally {
          if (!isWhole) rmSync(card, { force: true });
        }
      }
      const files = yield* newFolderSteps(order.out, function* (folder) {
        yield* durableFileSteps(join(folder, ggufFile), ggufChunks(metadata, tensors));
        copyCompanions(order.source.base, folder, licenseFiles);
        writeText(join(folder, 'README.md'), order.card(facts));
        return listFiles(folder);
      });
      return { path: order.out, files };
    },
    close: () => weights.close(),
  };
}

/** config.json of the base; without what points to its author's disk or asks for code to be run. */
function configText({ config }: MergedWeights, type: StoredDtype | undefined): string {
  const { _name_or_path: _path, auto_map: _code, ...raw } = config.raw;
  if (type !== undefined) {
    delete raw['dtype'];
    delete raw['torch_dtype'];
    raw['torch_dtype' in config.raw ? 'torch_dtype' : 'dtype'] = typeNames[type];
  }
  return `${JSON.stringify(raw, null, 2)}\n`;
}

function generationConfig(folder: string): Record<string, unknown> {
  const path = join(folder, 'generation_config.json');
  return existsSync(path) ? (asJsonObject(readJsonFile(path, 'model-invalid')) ?? {}) : {};
}

function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'model';
}

function writeText(path: string, text: string): void {
  writeFileDurably(path, [new TextEncoder().encode(text)]);
}

function listFiles(folder: string): { name: string; bytes: number }[] {
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
}
