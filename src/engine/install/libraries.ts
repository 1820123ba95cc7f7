import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The TensorFlow that this program is tested with, and that a set-up brings. */
export const TENSORFLOW_VERSION = '2.21.0';

/** Older ones lack kernels or C functions that training calls. */
const OLDEST = [2, 9] as const;

/** Where a TensorFlow keeps its C API, as paths with `/` below the folder that holds it. */
export interface LibraryPlace {
  /** Exports TF_* and TFE_*. */
  library: string;
  /** Libraries that must lie beside it. */
  beside: readonly string[];
}

/**
 * Where the C API lies in a Python wheel, and so below `site-packages`; newest layout first.
 * Linux: contents of tensorflow_cpu-2.21.0. macOS: the same rule with that platform's names. Windows: the wheel has no
 * library of its own for it, but the one that its Python modules share exports it (tensorflow/tools/def_file_filter).
 */
export function wheelLibraries(platform: NodeJS.Platform): readonly LibraryPlace[] {
  switch (platform) {
    case 'win32':
      return [
        { library: 'tensorflow/python/_pywrap_tensorflow_common.dll', beside: [] },
        { library: 'tensorflow/python/_pywrap_tensorflow_internal.pyd', beside: [] },
      ];
    case 'darwin':
      return [
        {
          library: 'tensorflow/libtensorflow_cc.2.dylib',
          beside: ['tensorflow/libtensorflow_framework.2.dylib'],
        },
      ];
    default:
      return [
        {
          library: 'tensorflow/libtensorflow_cc.so.2',
          beside: ['tensorflow/libtensorflow_framework.so.2'],
        },
      ];
  }
}

/** Where the C API lies in an archive of libtensorflow, which is what the npm package downloads. */
export function archiveLibraries(platform: NodeJS.Platform): readonly LibraryPlace[] {
  switch (platform) {
    case 'win32':
      return [
        { library: 'lib/tensorflow.dll', beside: [] },
        // Some archives for Windows have no folder.
        { library: 'tensorflow.dll', beside: [] },
      ];
    case 'darwin':
      return [{ library: 'lib/libtensorflow.2.dylib', beside: ['lib/libtensorflow_framework.2.dylib'] }];
    default:
      return [{ library: 'lib/libtensorflow.so.2', beside: ['lib/libtensorflow_framework.so.2'] }];
  }
}

/** The first place below `folder` whose files are all there; undefined: none. */
export function presentIn(folder: string, places: readonly LibraryPlace[]): LibraryPlace | undefined {
  return places.find(({ library, beside }) =>
    [library, ...beside].every((path) => existsSync(join(folder, ...path.split('/')))),
  );
}

/** Whether a TensorFlow of this version can be used; later ones are judged by the self-test. */
export function isUsableVersion(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === OLDEST[0] && minor >= OLDEST[1];
}
