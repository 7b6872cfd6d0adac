/**
 * Reads a safetensors file tensor by tensor (or slice by slice): the header is checked when the file
 * is opened, the data stays on disk. Reads are synchronous, as everything that feeds TensorFlow is.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { TensorEntry } from './safetensors-header.ts';
import {
  bytesPerElement,
  corrupt,
  headerLength,
  parseSafetensorsHeader,
} from './safetensors-header.ts';
import { unreadableFile } from './read-json-file.ts';
import { StudioError } from '../../contract/errors.ts';

/** The largest single read; the operating system's limit is just below 2 GiB. */
const MAX_READ_BYTES = 2 ** 30;

export interface SafetensorsFile {
  path: string;
  tensors: ReadonlyMap<string, Readonly<TensorEntry>>;
  metadata: ReadonlyMap<string, string>;
  /** The tensor's bytes in memory of their own, so that any typed array can be laid over them. */
  read(name: string): Uint8Array;
  /**
   * The tensor's bytes in pieces of whole elements, each at most `maxBytes` long. All pieces are views
   * of one buffer that starts at a multiple of 8: a piece is valid until the next one is asked for.
   */
  readSlices(name: string, maxBytes: number): Generator<Uint8Array>;
  close(): void;
}

/** @throws file-missing, file-unreadable, weights-corrupt */
export function openSafetensors(path: string): SafetensorsFile {
  const descriptor = openRegularFile(path);
  try {
    const { tensors, metadata } = readHeader(path, descriptor);
    const entryOf = (name: string) => {
      const entry = tensors.get(name);
      if (!entry) {
        throw new StudioError(
          'model-invalid',
          `${path} has no tensor ${name}.`,
          'Check that this is the right file.',
        );
      }
      return entry;
    };
    return {
      path,
      tensors,
      metadata,
      read(name) {
        const entry = entryOf(name);
        const bytes = new Uint8Array(entry.byteLength);
        readFully(path, descriptor, bytes, entry.byteOffset);
        return bytes;
      },
      *readSlices(name, maxBytes) {
        const entry = entryOf(name);
        const element = bytesPerElement(entry.dtype) ?? 1;
        const sliceBytes = Math.max(element, maxBytes - (maxBytes % element));
        const buffer = new Uint8Array(Math.min(sliceBytes, entry.byteLength));
        for (let done = 0; done < entry.byteLength; done += sliceBytes) {
          const slice = buffer.subarray(0, Math.min(sliceBytes, entry.byteLength - done));
          readFully(path, descriptor, slice, entry.byteOffset + done);
          yield slice;
        }
      },
      close: () => closeSync(descriptor),
    };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Pipes and devices are refused before opening: opening a pipe would wait for its writer. */
function openRegularFile(path: string): number {
  try {
    if (statSync(path).isFile()) return openSync(path, 'r');
  } catch (error) {
    throw unreadableFile(path, error);
  }
  throw new StudioError(
    'file-unreadable',
    `${path} is not an ordinary file.`,
    'Point to a safetensors file.',
  );
}

function readHeader(path: string, descriptor: number) {
  const { size } = fstatSync(descriptor);
  const start = new Uint8Array(Math.min(8, size));
  readFully(path, descriptor, start, 0);
  const json = new Uint8Array(headerLength(start, size, path));
  readFully(path, descriptor, json, 8);
  return parseSafetensorsHeader(json, size, path);
}

function readFully(path: string, descriptor: number, target: Uint8Array, offset: number): void {
  let done = 0;
  while (done < target.length) {
    const wanted = Math.min(target.length - done, MAX_READ_BYTES);
    let count: number;
    try {
      count = readSync(descriptor, target, done, wanted, offset + done);
    } catch (error) {
      throw unreadableFile(path, error);
    }
    if (count === 0) throw corrupt(path, 'it became shorter while it was being read');
    done += count;
  }
}
