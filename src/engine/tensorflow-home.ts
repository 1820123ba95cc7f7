import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The TensorFlow the addon is built for and tested with. */
export const TENSORFLOW_VERSION = '2.21.0';
/** Goes up when an older set-up folder can no longer be used. */
export const LAYOUT = 1;

export const ADDON = 'tfjs_binding.node';
export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;
export const RECEIPT = 'setup.json';

export type TensorFlowSearch =
  | { found: true; folder: string; addon: string }
  /** `reason`: one plain sentence for people, with what to do. */
  | { found: false; reason: string };

/** Where TensorFlow is set up for this user, outside any workspace: XDG_CACHE_HOME, or the platform's own place. */
export function tensorFlowFolder(): string {
  return join(cacheFolder(), 'distillation-studio', `tensorflow-${TENSORFLOW_VERSION}`);
}

function cacheFolder(): string {
  switch (process.platform) {
    case 'win32':
      return process.env.LOCALAPPDATA || join(homedir(), 'AppData', 'Local');
    case 'darwin':
      return join(homedir(), 'Library', 'Caches');
    default:
      return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  }
}

/** Looks for a finished set-up; loads nothing. */
export function findTensorFlow(): TensorFlowSearch {
  const folder = tensorFlowFolder();
  const again = 'Run "distill doctor --install tensorflow".';
  if (!existsSync(folder)) return { found: false, reason: `TensorFlow is not set up. ${again}` };
  const missing = [ADDON, ...LIBRARIES, RECEIPT].filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0)
    return { found: false, reason: `${missing.join(', ')} missing in ${folder}. ${again}` };
  const receipt = readReceipt(join(folder, RECEIPT));
  if (receipt?.layout !== LAYOUT)
    return { found: false, reason: `${folder} was set up by another version of this program. ${again}` };
  return { found: true, folder, addon: join(folder, ADDON) };
}

function readReceipt(file: string): { layout?: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { layout?: unknown };
  } catch {
    return undefined;
  }
}
