// Compiles native/wasm-kernels (AssemblyScript) to src/engine/wasm/kernels.wasm, and once more with fused multiply-add to
// kernels-fused.wasm; and native/image-kernels to src/data/image-kernels.wasm. All are kept in the repository: they are small,
// and running from source needs no build.
//   node scripts/build-kernels.mjs
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

const SHARED = ['--sharedMemory', '--maximumMemory', '65536'];

/** The compiled modules' bytes by file name. */
export async function compileKernels() {
  return {
    'kernels.wasm': await compile('wasm-kernels', ['simd', 'threads'], SHARED),
    'kernels-fused.wasm': await compile('wasm-kernels', ['simd', 'threads', 'relaxed-simd'], SHARED),
  };
}

/** Likewise. */
export async function compileImageKernels() {
  return { 'image-kernels.wasm': await compile('image-kernels', ['simd'], []) };
}

async function compile(source, features, memory) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      `native/${source}/index.ts`,
      ...['--baseDir', root],
      ...['--outFile', 'kernels.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub'],
      ...['--importMemory', '--initialMemory', '1', ...memory],
      ...features.flatMap((feature) => ['--enable', feature]),
    ],
    {
      writeFile(_name, contents) {
        binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`The kernels do not compile: ${error?.message}\n${stderr}`);
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [folder, modules] of [
    ['src/engine/wasm', await compileKernels()],
    ['src/data', await compileImageKernels()],
  ])
    for (const [file, bytes] of Object.entries(modules)) writeFileSync(resolve(root, folder, file), bytes);
