import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ADDON, LAYOUT, LIBRARIES, RECEIPT, TENSORFLOW_VERSION } from '../../../src/engine/tensorflow-home';

const main = join(__dirname, '..', '..', '..', 'src', 'cli', 'main.ts');

describe('distill doctor', () => {
  let cache: string;
  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'distill-doctor-'));
  });
  after(() => rmSync(cache, { recursive: true }));

  const run = (...args: string[]) =>
    new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
      const env = { ...process.env, XDG_CACHE_HOME: cache, LOCALAPPDATA: cache };
      execFile(
        process.execPath,
        ['--import', 'tsx', main, 'doctor', ...args],
        { env },
        (error, stdout, stderr) => {
          resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
        },
      );
    });

  it('shows what can compute, and why something cannot', async () => {
    const { status, stdout } = await run();
    assert.equal(status, 0);
    assert.match(stdout, /^tensorflow +not available/m);
    assert.match(stdout, /^wasm +available +CPU +passed +\d+ GFLOP\/s$/m);
    assert.match(
      stdout,
      /^tensorflow: TensorFlow is not set up\. Run "distill doctor --install tensorflow"/m,
    );
  });

  it('goes on with the others when an engine’s library is broken', async () => {
    const folder = join(cache, 'distillation-studio', `tensorflow-${TENSORFLOW_VERSION}`);
    mkdirSync(folder, { recursive: true });
    for (const name of [ADDON, ...LIBRARIES]) writeFileSync(join(folder, name), 'no library');
    writeFileSync(join(folder, RECEIPT), JSON.stringify({ layout: LAYOUT }));
    const { status, stdout } = await run('--json');
    assert.equal(status, 0);
    const found = JSON.parse(stdout) as {
      auto: string;
      engines: Array<{ name: string; available: boolean; reason?: string; failures?: string[] }>;
    };
    assert.equal(found.auto, 'wasm');
    assert.deepEqual(
      found.engines.map(({ name, available }) => [name, available]),
      [
        ['tensorflow', false],
        ['wasm', true],
      ],
    );
    assert.match(found.engines[0]!.reason!, /TensorFlow does not load/);
    assert.deepEqual(found.engines[1]!.failures, []);
  });

  it('refuses what it does not know', async () => {
    for (const [args, message] of [
      [['--install', 'torch'], /"torch" cannot be installed; "tensorflow" can/],
      [['--wheel', 'x.whl'], /--wheel belongs to --install tensorflow/],
      [['now'], /Unexpected: now/],
    ] as Array<[string[], RegExp]>) {
      const { status, stderr } = await run(...args);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
    }
  });
});
