/** A whole model as a Hugging Face folder, with an adapter folded in where the source has one. */
import { join } from 'node:path';
import { companionFiles, copyCompanions } from '../checkpoint/companion-files.ts';
import { shardedModelSteps, type TensorSource } from '../checkpoint/safetensors-writer.ts';
import { elementCount } from '../graph/dtype.ts';
import type { MergedWeights, StoredDtype } from '../model/merged-weights.ts';
import { encodedBytes, encodeWeights } from './encode-weights.ts';
import { newFolderSteps } from './new-folder.ts';
import {
  factsOf,
  licenseFiles,
  listFiles,
  requireRoom,
  writeText,
  type ModelExport,
  type PlannedExport,
} from './planned-export.ts';

const typeNames = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;

export function planFolder(order: ModelExport, weights: MergedWeights): PlannedExport {
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
