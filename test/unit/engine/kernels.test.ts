import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(__dirname, '..', '..', '..');
type Compiled = Promise<Record<string, Uint8Array>>;

// Compiling takes the compiler's own start-up of seconds: all modules in one process.
describe('own WebAssembly kernels', () => {
  const stored = (folder: string, file: string) => readFileSync(join(root, folder, file));
  const compiler = () =>
    import(`${root}/scripts/build-kernels.mjs`) as Promise<{
      compileKernels(): Compiled;
      compileImageKernels(): Compiled;
    }>;
  const same = (folder: string, compiled: Awaited<Compiled>) => {
    for (const [file, bytes] of Object.entries(compiled))
      assert.ok(
        Buffer.from(bytes).equals(stored(folder, file)),
        `${file}: run node scripts/build-kernels.mjs`,
      );
  };

  it('are what their source compiles to', async () => {
    same('src/engine/wasm', await (await compiler()).compileKernels());
  });

  it('of images likewise', async () => {
    same('src/data', await (await compiler()).compileImageKernels());
  });

  it('bring no data and no memory of their own: the memory is the backend’s', () => {
    const module = new WebAssembly.Module(stored('src/engine/wasm', 'kernels.wasm'));
    assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    new WebAssembly.Instance(module, { env: { memory } });
    assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  });
});
