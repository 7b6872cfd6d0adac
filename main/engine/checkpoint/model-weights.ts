/**
 * The weights of a Hugging Face folder, `model.safetensors` or shards with their index, as one set of
 * tensors. The index is a stranger's text that names files, so a shard has to be a plain file name in
 * this folder, must not lead out of it through a link, and has to hold exactly the tensors promised.
 * One exception: the snapshot folders of the Hugging Face cache consist of links into `../../blobs`.
 * Pickled weights (.bin, .pt) are never read, because reading them runs code.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { asJsonObject, readJsonFile, unreadableFile } from './read-json-file.ts';
import type { SafetensorsFile } from './safetensors-reader.ts';
import { openSafetensors } from './safetensors-reader.ts';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const MAX_SHARDS = 512;

export interface ModelWeights {
  /** `file` is the shard's name inside the folder. */
  tensors: ReadonlyMap<string, { dtype: string; shape: readonly number[]; file: string }>;
  /** As in SafetensorsFile; model-invalid for a name that is not there. */
  read(name: string): Uint8Array;
  readSlices(name: string, maxBytes: number): Generator<Uint8Array>;
  close(): void;
}

/** @throws file-missing, file-unreadable, model-invalid, weights-corrupt */
export function openModelWeights(folder: string): ModelWeights {
  if (existsSync(join(folder, SINGLE))) return combine(folder, [SINGLE]);
  if (!existsSync(join(folder, INDEX))) throw noWeights(folder);
  const weightMap = readWeightMap(folder);
  const weights = combine(folder, [...new Set(weightMap.values())].sort());
  try {
    compareWithIndex(folder, weightMap, weights);
  } catch (error) {
    weights.close();
    throw error;
  }
  return weights;
}

function combine(folder: string, files: string[]): ModelWeights {
  const opened = new Map<string, SafetensorsFile>();
  const close = () => opened.forEach((file) => file.close());
  const tensors = new Map<string, { dtype: string; shape: readonly number[]; file: string }>();
  try {
    for (const file of files) {
      const shard = openSafetensors(join(folder, file));
      opened.set(file, shard);
      for (const [name, { dtype, shape }] of shard.tensors) {
        const other = tensors.get(name)?.file;
        if (other) throw invalid(folder, `${name} is in both ${other} and ${file}`);
        tensors.set(name, { dtype, shape, file });
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  const fileOf = (name: string) => {
    const file = opened.get(tensors.get(name)?.file ?? '');
    if (!file) throw invalid(folder, `there is no tensor ${name}`);
    return file;
  };
  return {
    tensors,
    read: (name) => fileOf(name).read(name),
    readSlices: (name, maxBytes) => fileOf(name).readSlices(name, maxBytes),
    close,
  };
}

/** Tensor name to shard file, with every file name checked. */
function readWeightMap(folder: string): Map<string, string> {
  const index = asJsonObject(readJsonFile(join(folder, INDEX), 'model-invalid'));
  const entries = asJsonObject(index?.['weight_map']);
  if (!entries) throw invalid(folder, `${INDEX} has no weight_map`);
  const weightMap = new Map<string, string>();
  const files = new Set<string>();
  for (const [name, file] of Object.entries(entries)) {
    if (typeof file !== 'string') throw invalid(folder, `${INDEX} names no file for ${name}`);
    if (!files.has(file)) checkShardName(folder, file);
    files.add(file);
    weightMap.set(name, file);
    if (files.size > MAX_SHARDS) throw invalid(folder, `${INDEX} names over ${MAX_SHARDS} files`);
  }
  if (weightMap.size === 0) throw invalid(folder, `${INDEX} lists no tensors`);
  return weightMap;
}

function checkShardName(folder: string, file: string): void {
  // Letters, digits and a few signs: no separators, drives, control characters, hidden files.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.safetensors$/.test(file) || file.length > 255) {
    throw invalid(folder, `${INDEX} names ${JSON.stringify(file)}, which is no plain file name`);
  }
  let target: string;
  try {
    target = realpathSync(join(folder, file));
  } catch (error) {
    throw unreadableFile(join(folder, file), error);
  }
  if (!allowedRoots(folder).some((root) => target.startsWith(root + sep))) {
    throw invalid(folder, `${file} is a link to a place outside the folder`);
  }
}

function allowedRoots(folder: string): string[] {
  const own = realpathSync(folder);
  const blobs = resolve(own, '..', '..', 'blobs');
  const isCacheSnapshot = basename(dirname(own)) === 'snapshots' && existsSync(blobs);
  return isCacheSnapshot ? [own, realpathSync(blobs)] : [own];
}

function compareWithIndex(
  folder: string,
  weightMap: ReadonlyMap<string, string>,
  { tensors }: ModelWeights,
): void {
  for (const [name, file] of weightMap) {
    const found = tensors.get(name)?.file;
    if (found !== file) {
      const where = found ? `it is in ${found}` : 'it is in none';
      throw invalid(folder, `${INDEX} says that ${name} is in ${file}, but ${where}`);
    }
  }
  for (const [name, { file }] of tensors) {
    if (!weightMap.has(name)) throw invalid(folder, `${file} holds ${name}, unknown to ${INDEX}`);
  }
}

function noWeights(folder: string): StudioError {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    return unreadableFile(folder, error);
  }
  const pickled = names.find((name) => /\.(bin|pt|pth|pkl)$/.test(name));
  return new StudioError(
    'file-missing',
    `${folder} holds neither ${SINGLE} nor ${INDEX}.`,
    pickled
      ? `${pickled} is in a format that can run code and is not read; save the model as safetensors.`
      : 'Point to a complete Hugging Face model folder.',
  );
}

function invalid(folder: string, reason: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The weights in ${folder} cannot be used: ${reason}.`,
    'Download or copy the whole model folder again.',
  );
}
