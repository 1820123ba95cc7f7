import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { installWebgpu, uninstallWebgpu } from '../../../src/engine/install/webgpu';
import {
  BINDING,
  findDawn,
  platformFolder,
  RECEIPT,
  WEBGPU_VERSION,
  webgpuFolder,
} from '../../../src/engine/webgpu/home';
import { DistillError } from '../../../src/protocol/errors';

describe('setting WebGPU up', () => {
  let folder: string;
  const cache = process.env.DISTILL_CACHE;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'distill-webgpu-'));
    process.env.DISTILL_CACHE = join(folder, 'cache');
  });
  afterEach(() => {
    if (cache === undefined) delete process.env.DISTILL_CACHE;
    else process.env.DISTILL_CACHE = cache;
    rmSync(folder, { recursive: true });
  });

  /** An archive as npm packs it. */
  const pack = (files: Record<string, string | Buffer>): string => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, 'package', dirname(path)), { recursive: true });
      writeFileSync(join(folder, 'package', path), content);
    }
    execFileSync('tar', ['czf', join(folder, 'webgpu.tgz'), '-C', folder, 'package']);
    return join(folder, 'webgpu.tgz');
  };
  const described = (version = WEBGPU_VERSION) => ({
    'package.json': JSON.stringify({ name: 'webgpu', version }),
    'LICENSE.md': 'free',
  });
  const binding = `dist/${platformFolder()}/${BINDING}`;
  const refused = (file: string, code: string, message: RegExp) =>
    assert.rejects(installWebgpu({ file, report: () => undefined }), (error: unknown) => {
      assert.ok(error instanceof DistillError && error.code === code, String(error));
      assert.match(error.message, message);
      return true;
    });

  it('keeps this platform’s binding of a package on this disk, tried, with its licence', async () => {
    const real = join(__dirname, '..', '..', '..', 'node_modules', 'webgpu', binding);
    const file = pack({ ...described(), [binding]: readFileSync(real), 'dist/other/x.node': 'for another' });
    const said: string[] = [];
    const target = await installWebgpu({ file, report: ({ text }) => said.push(text) });
    assert.equal(target, webgpuFolder());
    assert.deepEqual(findDawn(), { found: true, binding: join(target, BINDING) });
    for (const name of [RECEIPT, 'LICENSE.md']) assert.ok(existsSync(join(target, name)), name);
    assert.match(said.at(-1)!, /is ready in/);
    assert.match(await uninstallWebgpu(), /^Removed /);
    assert.ok(!existsSync(target));
    assert.equal(await uninstallWebgpu(), 'WebGPU was not set up.');
  });

  it('refuses another package, a file that is missing, and a platform that the package does not have', async () => {
    await refused(join(folder, 'nothing.tgz'), 'usage', /no such file/);
    await refused(pack(described('0.5.0')), 'usage', /not the npm package webgpu@0\.6\.2/);
    await refused(pack(described()), 'engine-unavailable', /no WebGPU for/);
    assert.ok(!existsSync(webgpuFolder()));
  });

  it('ends when it is asked to, and leaves nothing of it behind', async () => {
    const real = join(__dirname, '..', '..', '..', 'node_modules', 'webgpu', binding);
    const file = pack({ ...described(), [binding]: readFileSync(real) });
    for (const moment of ['Unpacking.', 'Trying it.']) {
      const controller = new AbortController();
      const report = ({ text }: { text: string }) => {
        if (text === moment) controller.abort();
      };
      const setUp = installWebgpu({ file, signal: controller.signal, report });
      await assert.rejects(setUp, (error) => error === controller.signal.reason, moment);
      assert.deepEqual(readdirSync(join(folder, 'cache')), [], moment);
    }
    assert.ok(await installWebgpu({ file, report: () => undefined }), 'the next attempt is let in');
  });

  it('leaves what was there when the new one does not load', async () => {
    mkdirSync(webgpuFolder(), { recursive: true });
    writeFileSync(join(webgpuFolder(), BINDING), 'old');
    await refused(
      pack({ ...described(), [binding]: 'no library' }),
      'engine-unavailable',
      /does not load here/,
    );
    assert.equal(readFileSync(join(webgpuFolder(), BINDING), 'utf8'), 'old');
  });
});
