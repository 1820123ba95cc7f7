import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DistillError } from '../../protocol/errors';

/**
 * Where the npm package's own install script would download libtensorflow from, read from that script: host, version and
 * names are the package's business (@tensorflow/tfjs-node-gpu, scripts/install.js and scripts/deps-constants.js), and
 * the variables it honours are honoured here.
 * Errors: engine-unavailable (no such archive for this platform, or the script has changed).
 */
export function npmArchive(
  gpu: boolean,
  { platform, arch, env }: { platform: NodeJS.Platform; arch: string; env: NodeJS.ProcessEnv } = process,
  folder = scriptsFolder(),
): { url: URL; name: string } {
  const install = readFileSync(join(folder, 'install.js'), 'utf8');
  const constants = readFileSync(join(folder, 'deps-constants.js'), 'utf8');
  const host =
    env.TFJS_NODE_CDN_STORAGE || env.CDN_STORAGE || /BASE_HOST = \w+ \|\| '([^']+)'/.exec(install)?.[1];
  const path = /`\$\{BASE_HOST\}([\w./-]+)`;/.exec(install)?.[1];
  const version = /LIBTENSORFLOW_VERSION = '([\d.]+)'/.exec(constants)?.[1];
  const combinations = /ALL_SUPPORTED_COMBINATION = \[([^\]]*)\]/.exec(constants)?.[1];
  if (!host || !path || !version || !combinations)
    throw new DistillError('engine-unavailable', 'The npm package no longer says where its library is.', {
      where: folder,
      remedy: 'Choose another source with --from.',
    });
  const system = [
    gpu ? 'gpu' : 'cpu',
    { linux: 'linux', darwin: 'darwin', win32: 'windows' }[platform as string] ?? platform,
    arch === 'x64' ? 'x86_64' : arch,
  ].join('-');
  if (!combinations.includes(`'${system}'`))
    throw new DistillError('engine-unavailable', `The npm package has no library for ${system}.`, {
      remedy: 'Choose another source with --from.',
    });
  const name = `${system}-${version}.${platform === 'win32' ? 'zip' : 'tar.gz'}`;
  const base = env.TFJS_NODE_BASE_URI || `${host}${path}`;
  return { url: new URL(`${base}${name}`), name: `libtensorflow-${name}` };
}

/** Beside the bundle, where the build copies them, or in the package when run from source. */
function scriptsFolder(): string {
  const copied = join(__dirname, 'native', 'npm');
  if (existsSync(copied)) return copied;
  const resolve = createRequire(join(__dirname, 'npm-binary.js')).resolve;
  return join(dirname(resolve('@tensorflow/tfjs-node-gpu/package.json')), 'scripts');
}
