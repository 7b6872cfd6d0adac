/**
 * libtensorflow in the per-user cache: `<cache>/tensorflow-<build>-<version>-<hash of the pins>/` with
 * `lib/` (both libraries, and for CUDA every NVIDIA library beside them, where their RUNPATH $ORIGIN
 * finds them), `include/` (the C headers), licences. The npm package's own download would be TensorFlow
 * 2.9: no bf16 kernels, CUDA 11.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheRoot } from './paths.mjs';
import { readRequirements, unpackWheels } from './wheels.mjs';

const members = [
  String.raw`tensorflow/(libtensorflow_(cc|framework)\.so\.2)=>lib/\1`,
  // Only what the addon's two source files include, directly and through other headers.
  String.raw`tensorflow/(include/tensorflow/c/.*\.h)=>\1`,
  String.raw`tensorflow/(include/tensorflow/core/platform/ctstring.*\.h)=>\1`,
  String.raw`tensorflow/(include/tsl/platform/ctstring.*\.h)=>\1`,
  String.raw`tensorflow/(include/xla/tsl/c/.*\.h)=>\1`,
  String.raw`tensorflow/include/tensorflow/core/public/(release_version\.h)=>include/tensorflow/core/public/\1`,
  String.raw`tensorflow/include/LICENSE=>LICENSE`,
  String.raw`tensorflow/THIRD_PARTY_NOTICES\.txt=>THIRD_PARTY_NOTICES.txt`,
  // Compiler and device library for XLA; a folder of its own, named in XLA_FLAGS.
  String.raw`nvidia/cuda_nvcc/(.*)=>cuda/\1`,
  String.raw`nvidia/[^/]+/lib/([^/]+\.so[^/]*)=>lib/\1`,
  String.raw`(nvidia_[^/]+)\.dist-info/.*(License\.txt|LICENSE.*)=>licenses/\1-\2`,
];

/** Where a build lies and what it is; nothing is read but the requirements file. */
export function describeBuild(build) {
  const requirements = readRequirements(`tensorflow-${build}.txt`);
  const version = requirements.wheels[0].version;
  const folder = join(cacheRoot, `tensorflow-${build}-${version}-${requirements.hash}`);
  return { build, version, folder, requirements, libraries: join(folder, 'lib') };
}

const markerName = 'complete.json';

export function isUnpacked({ folder }) {
  return existsSync(join(folder, markerName));
}

/** Sizes of the two libraries: what the check before every command compares. */
export function librarySizes(libraries) {
  return ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].map(
    (name) => statSync(join(libraries, name), { throwIfNoEntry: false })?.size ?? 0,
  );
}

export async function installTensorFlow(tensorflow) {
  if (isUnpacked(tensorflow)) return;
  mkdirSync(cacheRoot, { recursive: true });
  await unpackWheels(tensorflow.requirements, members, tensorflow.folder, (work) => {
    const libraries = join(work, 'lib');
    // The names that the linker looks for.
    symlinkSync('libtensorflow_cc.so.2', join(libraries, 'libtensorflow.so'));
    symlinkSync('libtensorflow_framework.so.2', join(libraries, 'libtensorflow_framework.so'));
    const marker = { version: tensorflow.version, files: readdirSync(libraries).length };
    writeFileSync(join(work, `${markerName}.new`), JSON.stringify(marker));
    renameSync(join(work, `${markerName}.new`), join(work, markerName));
  });
}
