import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(__dirname, '..', '..', '..');

describe('own WebAssembly kernels', () => {
  const file = join(root, 'src/engine/wasm/kernels.wasm');

  it('are what their source compiles to', async () => {
    const { compileKernels } = (await import(`${root}/scripts/build-kernels.mjs`)) as {
      compileKernels: () => Promise<Uint8Array>;
    };
    assert.deepEqual(Buffer.from(await compileKernels()), readFileSync(file));
  });

  it('bring no data and no memory of their own: the memory is the backend’s', () => {
    const module = new WebAssembly.Module(readFileSync(file));
    assert.deepEqual(WebAssembly.Module.imports(module), [{ module: 'env', name: 'memory', kind: 'memory' }]);
    const memory = new WebAssembly.Memory({ initial: 1 });
    new WebAssembly.Instance(module, { env: { memory } });
    assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
  });
});
