import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DRIVER = 'vk_swiftshader_icd.json';

/**
 * Makes the WebGPU engine of this process compute on SwiftShader, the software Vulkan driver that comes with Chromium.
 * To be called before the engine is opened. With DISTILL_WEBGPU_TEST=real the machine's own adapter is used instead.
 * @returns why that is not possible here, or false
 */
export function useSoftwareAdapter(env: NodeJS.ProcessEnv = process.env): string | false {
  if (env.DISTILL_WEBGPU_TEST === 'real') return false;
  const driver = swiftShader(env);
  if (!driver) return `No ${DRIVER} beside a Chromium: run scripts/setup-system.sh.`;
  env.VK_DRIVER_FILES = driver;
  env.DISTILL_WEBGPU_SOFTWARE = '1';
  return false;
}

export function swiftShader(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const own = env.CHROMIUM && existsSync(env.CHROMIUM) ? [dirname(realpathSync(env.CHROMIUM))] : [];
  return [...own, '/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome']
    .map((folder) => join(folder, DRIVER))
    .find(existsSync);
}
