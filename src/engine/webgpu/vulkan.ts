import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the Vulkan loader looks for descriptions of drivers (Vulkan-Loader, docs/LoaderDriverInterface.md). */
const DRIVER_FOLDERS = [
  '/etc/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  join(homedir(), '.local/share/vulkan/icd.d'),
];
/** Where container runtimes mount NVIDIA's driver, out of the loader's sight. */
const MOUNTED_DRIVER = '/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json';

const LIBRARY_FOLDERS = [
  ...(process.env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean),
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
];

/** To be called before Vulkan is loaded: shows it a driver that is mounted at a place of its own. */
export function prepareVulkan(env: NodeJS.ProcessEnv = process.env): void {
  if (env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES) return;
  if (installedDrivers().length === 0 && existsSync(MOUNTED_DRIVER)) env.VK_DRIVER_FILES = MOUNTED_DRIVER;
}

/** Why Vulkan finds no GPU. */
export function vulkanProblem(): { what: string; remedy: string } {
  if (!LIBRARY_FOLDERS.some((folder) => existsSync(join(folder, 'libvulkan.so.1'))))
    return {
      what: 'Vulkan is not installed: libvulkan.so.1 is missing.',
      remedy:
        'Install it (on Debian or Ubuntu: apt install libvulkan1; on Fedora: dnf install vulkan-loader).',
    };
  const named = process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES;
  const drivers = named ? named.split(':') : installedDrivers();
  if (drivers.length === 0)
    return {
      what: 'Vulkan is installed, but no driver for it.',
      remedy:
        'Install the driver of your GPU. In a container started for NVIDIA, set NVIDIA_DRIVER_CAPABILITIES=all, or name the file nvidia_icd.json in VK_DRIVER_FILES.',
    };
  return {
    what: `Vulkan found no GPU, although drivers are described in ${drivers.join(', ')}.`,
    remedy:
      'Check that a GPU of this kind is there and that you may use it (on Linux: the groups video and render), or use another engine.',
  };
}

function installedDrivers(): string[] {
  return DRIVER_FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(folder, name)),
  );
}
