// Compiles native/wasm-kernels (AssemblyScript) to src/engine/wasm/kernels.wasm, and once more with fused multiply-add to
// kernels-fused.wasm. Both are kept in the repository: they are small, and running from source needs no build.
//   node scripts/build-kernels.mjs
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The compiled modules' bytes by file name. */
export async function compileKernels() {
  return {
    'kernels.wasm': await compile(['simd', 'threads']),
    'kernels-fused.wasm': await compile(['simd', 'threads', 'relaxed-simd']),
  };
}

async function compile(features) {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'native/wasm-kernels/index.ts',
      ...['--baseDir', root],
      ...['--outFile', 'kernels.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
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
  for (const [file, bytes] of Object.entries(await compileKernels()))
    writeFileSync(resolve(root, 'src/engine/wasm', file), bytes);
