import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { prepareVulkan, vulkanProblem } from '../../../src/engine/webgpu/vulkan';
import { runTypeScript } from '../../lib/run-typescript';
import { swiftShader } from '../../lib/software-gpu';

const main = join(__dirname, '..', '..', '..', 'src', 'cli', 'main.ts');
const driver = swiftShader();

/** What an engine's probe says in a process of its own, with the given variables. */
function probe(env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const clean: NodeJS.ProcessEnv = { ...process.env, DISTILL_CACHE: '/nonexistent' };
    for (const name of Object.keys(clean)) if (/^(VK_|DISTILL_WEBGPU)/.test(name)) delete clean[name];
    const script = `
      const { openEngine } = require(${JSON.stringify(join(main, '..', '..', 'engine', 'open'))});
      openEngine('webgpu').then(
        (engine) => console.log('opened', engine.describe().summary),
        (error) => console.log(error.code, error.message),
      );`;
    execFile(
      process.execPath,
      [...runTypeScript, '--input-type=commonjs', '-e', script],
      { env: { ...clean, ...env } },
      (_error, stdout) => resolve(stdout),
    );
  });
}

describe('the webgpu engine, where it cannot compute', () => {
  const folder = mkdtempSync(join(tmpdir(), 'distill-vulkan-'));
  after(() => rmSync(folder, { recursive: true }));

  it('refuses to train on a software adapter', {
    skip: driver ? false : 'No software driver here.',
  }, async () => {
    const answer = await probe({ VK_DRIVER_FILES: driver });
    assert.match(answer, /^engine-unavailable .*computes on the CPU and is far too slow/);
    assert.match(answer, /Install the driver/);
  });

  it('names the adapters there are when the wanted one is not', {
    skip: driver ? false : 'No software driver here.',
  }, async () => {
    const answer = await probe({ VK_DRIVER_FILES: driver, DISTILL_WEBGPU_ADAPTER: 'Voodoo' });
    assert.match(
      answer,
      /^engine-unavailable No graphics adapter is called "Voodoo"\. There are: SwiftShader/,
    );
  });

  it('says so when no driver finds a device', async () => {
    const broken = join(folder, 'broken.json');
    writeFileSync(
      broken,
      JSON.stringify({ file_format_version: '1.0.0', ICD: { library_path: './none.so' } }),
    );
    const answer = await probe({ VK_DRIVER_FILES: broken });
    assert.match(
      answer,
      /^engine-unavailable (Vulkan found no GPU, although drivers|Vulkan is not installed)/,
    );
  });

  it('says what is missing, and how to get it', () => {
    const saved = { ...process.env };
    try {
      delete process.env.VK_ICD_FILENAMES;
      process.env.VK_DRIVER_FILES = '/somewhere/driver.json';
      const { what, remedy } = vulkanProblem();
      assert.match(what, /libvulkan\.so\.1 is missing|described in \/somewhere\/driver\.json/);
      assert.match(remedy, /apt install libvulkan1|groups video and render/);
    } finally {
      process.env = saved;
    }
  });

  it('leaves a driver alone that the user has named', () => {
    const env = { VK_ICD_FILENAMES: '/mine.json' };
    prepareVulkan(env);
    assert.deepEqual(env, { VK_ICD_FILENAMES: '/mine.json' });
  });
});
