/** A model as one GGUF file, in a folder with its card or alone with the card beside it. */
import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { copyCompanions } from '../checkpoint/companion-files.ts';
import { durableFileSteps } from '../checkpoint/durable-file.ts';
import { asJsonObject, readJsonFile } from '../checkpoint/read-json-file.ts';
import type { MergedWeights } from '../model/merged-weights.ts';
import { ggufChunks, ggufDataBytes } from './gguf-file.ts';
import { ggufHyperparameters, ggufTensors } from './gguf-qwen3.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import { newFolderSteps } from './new-folder.ts';
import {
  dtypes,
  factsOf,
  licenseFiles,
  listFiles,
  requireRoom,
  writeText,
  type CardFacts,
  type ModelExport,
  type PlannedExport,
} from './planned-export.ts';

/** Vocabulary and merges, at most. */
const headerBytes = 50e6;

export function isGgufFile({ format, out }: ModelExport): boolean {
  return format === 'gguf' && out.toLowerCase().endsWith('.gguf');
}

/** The card of a single file: the file's name tells them apart in a folder of several. */
export function cardBeside(file: string): string {
  return file.replace(/\.gguf$/i, '.README.md');
}

export function planGguf(order: ModelExport, weights: MergedWeights): PlannedExport {
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
  requireRoom(order, totalBytes + headerBytes);
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

function generationConfig(folder: string): Record<string, unknown> {
  const path = join(folder, 'generation_config.json');
  return existsSync(path) ? (asJsonObject(readJsonFile(path, 'model-invalid')) ?? {}) : {};
}

function fileName(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'model';
}
