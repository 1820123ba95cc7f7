import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(__dirname, '..', '..', '..');

describe('own WebAssembly kernels', () => {
  const stored = (file: string) => readFileSync(join(root, 'src/engine/wasm', file));

  it('are what their source compiles to', async () => {
    const { compileKernels } = (await import(`${root}/scripts/build-kernels.mjs`)) as {
      compileKernels: () => Promise<Record<string, Uint8Array>>;
    };
    for (const [file, bytes] of Object.entries(await compileKernels()))
      assert.ok(Buffer.from(bytes).equals(stored(file)), `${file}: run node scripts/build-kernels.mjs`);
  });

  it('bring no data and no memory of their own: the memory is the backend’s', () => {
    const module = new WebAssembly.Module(stored('kernels.wasm'));
    assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true });
    new WebAssembly.Instance(module, { env: { memory } });
    assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  });
});
