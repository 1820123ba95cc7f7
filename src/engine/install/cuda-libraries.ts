import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * CUDA libraries that TensorFlow opens by name while it looks for GPUs, each after those it depends on. Loaded before by
 * their full path they are found whatever the search path of the process is.
 */
const IN_ORDER = [
  'cudart',
  'nvrtc',
  'nvJitLink',
  'cublasLt',
  'cublas',
  'cufft',
  'curand',
  'cusparse',
  'cusolver',
  'cupti',
  'nccl',
  'cudnn',
] as const;

/** TensorFlow gives the GPU up when one of these is missing (xla/tsl dso_loader). */
export const NEEDED = ['cudart', 'cublas', 'cublasLt', 'cudnn', 'cufft', 'cusolver', 'cusparse'] as const;

/** Paths of the libraries below `nvidia`, the folder that NVIDIA's wheels share, in the order to load them. */
export function cudaLibraries(nvidia: string): string[] {
  const files = subfolders(nvidia).flatMap((folder) => filesIn(join(nvidia, folder, 'lib')));
  return IN_ORDER.flatMap((name) => {
    const found = files
      .filter(({ file }) => isLibrary(file, name))
      .sort((a, b) => a.file.localeCompare(b.file));
    return found.slice(0, 1).map(({ folder, file }) => join(folder, file));
  });
}

/** Names of needed libraries that are not among `files`. */
export function missingCuda(files: readonly string[]): string[] {
  return NEEDED.filter((name) => !files.some((file) => isLibrary(file.split(/[\\/]/).at(-1)!, name)));
}

/** `libcudart.so.12` is `cudart`; `libcudnn_ops.so.9` is not `cudnn`. */
function isLibrary(file: string, name: string): boolean {
  return new RegExp(`^lib${name}\\.so(\\.\\d+)*$`).test(file);
}

function subfolders(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function filesIn(folder: string): Array<{ folder: string; file: string }> {
  return existsSync(folder) ? readdirSync(folder).map((file) => ({ folder, file })) : [];
}
