/** A LoRA adapter alone, as PEFT reads it. */
import { join } from 'node:path';
import { copyCompanions, tokenizerFiles } from '../checkpoint/companion-files.ts';
import { openPeftAdapter, peftAdapterSteps } from '../checkpoint/peft-adapter.ts';
import type { TensorSource } from '../checkpoint/safetensors-writer.ts';
import { elementCount } from '../graph/dtype.ts';
import { openMergedWeights, type StoredDtype } from '../model/merged-weights.ts';
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

export function planAdapter(order: ModelExport): PlannedExport {
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
