// Compiles native/wasm-kernels/kernels.ts (AssemblyScript) to src/engine/wasm/kernels.wasm, which is kept in the repository:
// it is small, and running from source needs no build.
//   node scripts/build-kernels.mjs
import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The compiled module's bytes. */
export async function compileKernels() {
  let binary;
  const { error, stderr } = await asc.main(
    [
      'native/wasm-kernels/kernels.ts',
      ...['--baseDir', root],
      ...['--outFile', 'kernels.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'],
    ],
    {
      writeFile(_name, contents) {
        binary = contents;
      },
    },
  );
  if (error || !binary) throw new Error(`kernels.ts does not compile: ${error?.message}\n${stderr}`);
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(resolve(root, 'src/engine/wasm/kernels.wasm'), await compileKernels());
