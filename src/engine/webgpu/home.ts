import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../cache-folder';

/** The release of the npm package `webgpu` the engine is tested with; several others do not load on Debian 12. */
export const WEBGPU_VERSION = '0.6.2';
export const WEBGPU_PACKAGE = `webgpu@${WEBGPU_VERSION}`;
export const BINDING = 'dawn.node';
/** Written last into a finished set-up. */
export const RECEIPT = 'setup.json';

export type DawnSearch =
  | { found: true; binding: string }
  /** `reason`: one plain sentence for people, with what to do. */
  | { found: false; reason: string };

/** Where Dawn is set up for this user. */
export function webgpuFolder(): string {
  return join(cacheFolder(), `webgpu-${WEBGPU_VERSION}`);
}

/** Folder of this platform's binding inside the npm package. */
export function platformFolder(platform = process.platform, arch: string = process.arch): string {
  return `${platform}-${platform === 'darwin' ? 'universal' : arch}`;
}

/** Looks for the set-up, or for the package in a source checkout; loads nothing. */
export function findDawn(): DawnSearch {
  const folder = webgpuFolder();
  if (existsSync(join(folder, BINDING)) && existsSync(join(folder, RECEIPT)))
    return { found: true, binding: join(folder, BINDING) };
  const packaged = packagedBinding();
  if (packaged) return { found: true, binding: packaged };
  return {
    found: false,
    reason: 'WebGPU is not set up. Run "distill doctor --install webgpu" (50 MB, from npm).',
  };
}

function packagedBinding(): string | undefined {
  try {
    const entry = createRequire(join(__dirname, 'home.js')).resolve('webgpu');
    const binding = join(dirname(entry), 'dist', platformFolder(), BINDING);
    return existsSync(binding) ? binding : undefined;
  } catch {
    return undefined;
  }
}
