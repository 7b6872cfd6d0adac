/**
 * A model of a disk for the tests of checkpoints: replays recorded calls and gives what may be left of
 * them after a power loss, in the spirit of LazyFS. A file's content is safe once the file was flushed,
 * the names in a folder once the folder was. What was not flushed may be lost (`names and contents`), or
 * a journal has kept all names but not the contents (`contents`), or only their first halves.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

export type DiskCall =
  | { kind: 'mkdir' | 'create' | 'flush' | 'remove'; path: string }
  | { kind: 'write'; path: string; bytes: Uint8Array }
  | { kind: 'rename'; path: string; to: string };

export type Loss = 'names and contents' | 'contents' | 'half of the contents';

interface FileNode {
  kind: 'file';
  bytes: Uint8Array;
  flushed: Uint8Array;
}

interface FolderNode {
  kind: 'folder';
  entries: Map<string, DiskNode>;
  flushed: Map<string, DiskNode>;
}

type DiskNode = FileNode | FolderNode;

/** What is left: contents by path relative to the root; folders have null. */
export type Disk = Map<string, Uint8Array | null>;

/**
 * @param survivors everything up to this call is safe, whether it was flushed or not
 * @param ignoreFlushes as if fsync did nothing, from then on
 */
export function replay(
  root: string,
  calls: readonly DiskCall[],
  options: { loss: Loss; ignoreFlushes: boolean; survivors: number },
): Disk {
  const top = newFolder();
  calls.forEach((call, index) => {
    if (index === options.survivors) flushAll(top);
    if (call.kind === 'flush' && options.ignoreFlushes && index >= options.survivors) return;
    apply(top, root, call);
  });
  const disk: Disk = new Map();
  collect(top, '', options.loss, disk);
  return disk;
}

/** Writes the disk out as real files below an existing folder. */
export function layOut(disk: Disk, folder: string): void {
  for (const [path, bytes] of disk) {
    if (bytes === null) mkdirSync(join(folder, path), { recursive: true });
    else writeFileSync(join(folder, path), bytes);
  }
}

function apply(top: FolderNode, root: string, call: DiskCall): void {
  const path = relative(root, call.path);
  const parent = path === '' ? top : folderAt(top, dirname(path));
  const name = basename(path);
  const node = path === '' ? top : parent.entries.get(name);
  switch (call.kind) {
    case 'mkdir':
      if (!node) parent.entries.set(name, newFolder());
      break;
    case 'create':
      parent.entries.set(name, {
        kind: 'file',
        bytes: new Uint8Array(0),
        flushed: new Uint8Array(0),
      });
      break;
    case 'write':
      if (node?.kind !== 'file') throw new Error(`write to no file: ${path}`);
      node.bytes = Uint8Array.of(...node.bytes, ...call.bytes);
      break;
    case 'flush':
      if (node) flush(node);
      break;
    case 'remove':
      parent.entries.delete(name);
      break;
    case 'rename': {
      if (!node) throw new Error(`rename of nothing: ${path}`);
      parent.entries.delete(name);
      const target = relative(root, call.to);
      folderAt(top, dirname(target)).entries.set(basename(target), node);
    }
  }
}

function folderAt(top: FolderNode, path: string): FolderNode {
  let folder = top;
  for (const name of path === '.' ? [] : path.split('/')) {
    const next = folder.entries.get(name);
    if (next?.kind !== 'folder') throw new Error(`no folder ${path}`);
    folder = next;
  }
  return folder;
}

function newFolder(): FolderNode {
  return { kind: 'folder', entries: new Map(), flushed: new Map() };
}

function flush(node: DiskNode): void {
  if (node.kind === 'file') node.flushed = node.bytes;
  else node.flushed = new Map(node.entries);
}

function flushAll(node: DiskNode): void {
  flush(node);
  if (node.kind === 'folder') node.entries.forEach(flushAll);
}

function collect(folder: FolderNode, path: string, loss: Loss, disk: Disk): void {
  const entries = loss === 'names and contents' ? folder.flushed : folder.entries;
  for (const [name, node] of entries) {
    const at = join(path, name);
    if (node.kind === 'folder') {
      disk.set(at, null);
      collect(node, at, loss, disk);
    } else disk.set(at, remains(node, loss));
  }
}

function remains({ bytes, flushed }: FileNode, loss: Loss): Uint8Array {
  if (loss !== 'half of the contents' || flushed === bytes) return flushed;
  return bytes.slice(0, bytes.length >> 1);
}
