import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseEngine } from '../../../src/engine/choose';
import type { EngineReport } from '../../../src/protocol/doctor';

const report = (
  name: string,
  device: 'cpu' | 'gpu',
  gflops: number,
  more: Partial<Extract<EngineReport, { available: true }>> = {},
): EngineReport => ({
  name,
  available: true,
  description: { name, device, versions: {}, summary: name },
  failures: [],
  gflops,
  ...more,
});
const refusal = (name: string): EngineReport => ({
  name,
  available: false,
  reason: `${name} is not set up.`,
});

async function choose(...reports: EngineReport[]) {
  const asked: string[] = [];
  const choice = await chooseEngine(async (name) => {
    asked.push(name);
    return reports.find((one) => one.name === name);
  });
  return { ...choice, asked };
}

describe('choosing an engine', () => {
  const wasm = report('wasm', 'cpu', 20);
  const cpu = report('tensorflow', 'cpu', 150);

  it('takes TensorFlow on a GPU without asking further', async () => {
    const { name, asked } = await choose(report('tensorflow', 'gpu', 5), report('webgpu', 'gpu', 9000), wasm);
    assert.equal(name, 'tensorflow');
    assert.deepEqual(asked, ['tensorflow']);
  });

  it('takes WebGPU on a real adapter when it is faster than the CPU', async () => {
    assert.equal((await choose(cpu, report('webgpu', 'gpu', 800), wasm)).name, 'webgpu');
    const slow = await choose(cpu, report('webgpu', 'gpu', 100), wasm);
    assert.equal(slow.name, 'tensorflow');
    assert.deepEqual(slow.why, ['webgpu: it is slower here than tensorflow (100 to 150 GFLOP/s).']);
    assert.equal((await choose(refusal('tensorflow'), report('webgpu', 'gpu', 30), wasm)).name, 'webgpu');
    assert.equal((await choose(refusal('tensorflow'), report('webgpu', 'gpu', 10), wasm)).name, 'wasm');
  });

  it('does not train on a software adapter, however fast', async () => {
    const { name, why } = await choose(cpu, report('webgpu', 'cpu', 9000), wasm);
    assert.equal(name, 'tensorflow');
    assert.match(why[0]!, /no GPU was found/);
  });

  it('passes over engines that are refused or wrong, and says why', async () => {
    const wrong = report('tensorflow', 'cpu', 150, { failures: ['resize gradient'] });
    const { name, why } = await choose(wrong, refusal('webgpu'), wasm);
    assert.equal(name, 'wasm');
    assert.deepEqual(why, [
      'tensorflow: it gives wrong numbers here (resize gradient), so it is not used.',
      'webgpu: webgpu is not set up.',
    ]);
    assert.equal((await choose(wrong, refusal('wasm'))).name, null);
    assert.equal((await choose(wasm)).name, 'wasm');
  });

  it('says why a GPU that is there is not used', async () => {
    const gpu = { used: false, expected: true, reason: 'The GPU is hidden.', remedy: 'Show it.' } as const;
    assert.deepEqual((await choose(report('tensorflow', 'cpu', 150, { gpu }), wasm)).why, [
      'tensorflow: The GPU is hidden. Show it.',
    ]);
    assert.deepEqual(
      (await choose(report('tensorflow', 'cpu', 150, { gpu: { ...gpu, expected: false } }), wasm)).why,
      [],
    );
  });
});
