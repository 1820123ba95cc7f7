import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test';
import { type DoctorParts, doctor } from '../../../src/cli/doctor';
import { SetUpProgressText } from '../../../src/cli/set-up-progress';
import type { EngineName } from '../../../src/engine/engine';
import { engineNames } from '../../../src/engine/engines';
import { writeReceipt } from '../../../src/engine/tensorflow-home';
import { type DoctorReport, doctorReportSchema, type EngineReport } from '../../../src/protocol/doctor';
import { DistillError } from '../../../src/protocol/errors';
import { runTypeScript } from '../../lib/run-typescript';

let cache: string;
let saved: NodeJS.ProcessEnv;
before(() => {
  cache = mkdtempSync(join(tmpdir(), 'distill-doctor-'));
  saved = { ...process.env };
  process.env.DISTILL_CACHE = cache;
});
after(() => {
  process.env = saved;
  rmSync(cache, { recursive: true, force: true });
});

describe('distill doctor', () => {
  const printed: string[] = [];
  const said: string[] = [];
  beforeEach(() => {
    printed.length = said.length = 0;
    mock.method(console, 'log', (text: string) => printed.push(text));
    mock.method(console, 'error', (text: string) => said.push(text));
    mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0);
  });
  afterEach(() => mock.restoreAll());

  const reports: Record<EngineName, EngineReport> = {
    tensorflow: {
      name: 'tensorflow',
      available: true,
      description: {
        name: 'tensorflow',
        device: 'cpu',
        versions: { tensorflow: '2.21.0', node: '24.0.0' },
        summary: 'TensorFlow on the CPU.',
      },
      failures: [],
      gflops: 151.4,
      gpu: { used: false, expected: true, reason: 'The H100 is hidden.', remedy: 'Show it.' },
    },
    webgpu: { name: 'webgpu', available: false, reason: 'WebGPU is not set up. Set it up.' },
    wasm: {
      name: 'wasm',
      available: true,
      description: { name: 'wasm', device: 'cpu', versions: { tfjs: '4.22.0' }, summary: 'WebAssembly.' },
      failures: ['resize gradient'],
      gflops: 9,
    },
  };
  const parts = (overrides: Partial<DoctorParts> = {}): DoctorParts => ({
    verdictOn: async (name) => ({ report: reports[name], at: 5 }),
    install: async () => assert.fail('nothing was to be installed'),
    uninstall: async () => assert.fail('nothing was to be uninstalled'),
    installWebgpu: async () => assert.fail('WebGPU was not to be installed'),
    uninstallWebgpu: async () => assert.fail('WebGPU was not to be uninstalled'),
    ...overrides,
  });
  const receipt = () =>
    writeReceipt({
      source: 'pip',
      version: '2.21.0',
      library: __filename,
      beside: [],
      preload: [],
      folder: null,
      origin: 'tensorflow_cpu.whl',
      cuda: null,
    });

  it('prints a table, what each engine is, and why not another', async () => {
    receipt();
    assert.equal(await doctor([], parts()), 0);
    const text = printed.join('\n');
    assert.match(text, /^tensorflow +available +CPU +passed +151 GFLOP\/s +used$/m);
    assert.match(text, /^webgpu +not available +- +- +-$/m);
    assert.match(text, /^wasm +wrong results +CPU +failed: resize gradient +9 GFLOP\/s$/m);
    assert.match(text, /^tensorflow: TensorFlow on the CPU\. \(tensorflow 2\.21\.0, node 24\.0\.0\)$/m);
    assert.match(text, /^tensorflow: The H100 is hidden\. Show it\.$/m);
    assert.match(text, /TensorFlow 2\.21\.0 comes from tensorflow_cpu\.whl \(pip\)\./);
    assert.equal(text.match(/WebGPU is not set up/g)?.length, 1);
  });

  it('prints the same as JSON', async () => {
    receipt();
    await doctor(['--json'], parts());
    const report: DoctorReport = doctorReportSchema.parse(JSON.parse(printed.join('')));
    assert.deepEqual(
      report.engines.map(({ name }) => name),
      engineNames,
    );
    assert.equal(report.auto, 'tensorflow');
    assert.deepEqual(report.why, [
      'tensorflow: The H100 is hidden. Show it.',
      'webgpu: WebGPU is not set up. Set it up.',
    ]);
    assert.equal(report.tensorflow?.origin, 'tensorflow_cpu.whl');
    assert.equal(report.checkedAt, 5);
  });

  it('fails when nothing can compute', async () => {
    const nothing = async (name: EngineName) => ({
      report: { name, available: false as const, reason: 'No.' },
      at: 1,
    });
    assert.equal(await doctor([], parts({ verdictOn: nothing })), 1);
    assert.match(printed.join(), /No engine can compute here/);
  });

  it('finds out anew when asked to', async () => {
    const asked: unknown[] = [];
    const verdictOn: DoctorParts['verdictOn'] = async (name, options) => {
      asked.push(options.fresh);
      return { report: reports[name], at: 1 };
    };
    await doctor(['--fresh'], parts({ verdictOn }));
    assert.deepEqual(
      asked,
      engineNames.map(() => true),
    );
  });

  it('sets TensorFlow up as it is told, and shows what came of it', async () => {
    let given: object = {};
    const install: DoctorParts['install'] = async (options) => {
      given = { ...options, signal: undefined, report: undefined };
      options.report({ text: 'Downloading', done: 5e6, total: 1e7 });
      return receipt();
    };
    const args = ['--install', 'tensorflow', '--gpu', '--from', 'pip', '--python', '/p'];
    assert.equal(await doctor(args, parts({ install })), 0);
    assert.deepEqual(given, {
      from: 'pip',
      gpu: true,
      python: '/p',
      index: undefined,
      file: undefined,
      signal: undefined,
      report: undefined,
    });
    assert.match(said.join(''), /Downloading: 5 MB of 10 MB \(50 %\)\n/);
    assert.match(printed.join(), /^engine/);
  });

  it('ends a set-up on Ctrl-C, with a status of its own', async () => {
    const install: DoctorParts['install'] = ({ signal }) =>
      new Promise((_, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason));
        process.emit('SIGINT');
      });
    assert.equal(await doctor(['--install', 'tensorflow', '--json'], parts({ install })), 130);
    assert.deepEqual(printed, []);
    assert.match(JSON.parse(said.join('')).text, /^Ended\. What was set up before is as it was/);
    assert.equal(process.listenerCount('SIGINT'), 0);
  });

  it('lets a set-up’s error through', async () => {
    const install: DoctorParts['install'] = async () => {
      throw new DistillError('disk-full', 'Full.', { remedy: 'Free some.' });
    };
    await assert.rejects(doctor(['--install', 'tensorflow'], parts({ install })), { code: 'disk-full' });
  });

  it('removes what was set up', async () => {
    await doctor(['--uninstall', 'tensorflow'], parts({ uninstall: async () => 'Removed it.' }));
    assert.deepEqual(said, ['Removed it.']);
  });

  it('sets WebGPU up from a file and removes it', async () => {
    const files: unknown[] = [];
    const installWebgpu: DoctorParts['installWebgpu'] = async ({ file }) => {
      files.push(file);
      return '/somewhere';
    };
    await doctor(['--install', 'webgpu', '--package', 'webgpu.tgz'], parts({ installWebgpu }));
    assert.deepEqual(files, ['webgpu.tgz']);
    await doctor(['--uninstall', 'webgpu'], parts({ uninstallWebgpu: async () => 'Gone.' }));
    assert.ok(said.includes('Gone.'));
  });

  it('lists the ways to set TensorFlow up, with what each needs', async () => {
    process.env.PATH = '';
    try {
      await doctor(['--sources'], parts());
    } finally {
      process.env.PATH = saved.PATH;
    }
    const text = printed.join('');
    assert.match(
      text,
      /^TensorFlow [\d.]+ for the CPU, with pip \(--install tensorflow --from pip\)\n {2}download 275 MB, disk 1\.2 GB, 1 to 5 min\. .*\n {2}Not here: No Python 3 found/m,
    );
    assert.match(
      text,
      /\(--install tensorflow --from pip --gpu\)\n {2}download 3\.0 GB, disk 8\.0 GB, 10 min or more\. NVIDIA driver/m,
    );
    assert.match(
      text,
      /\(--install tensorflow --from wheel\)\n {2}no download, disk 1\.2 GB, less than 1 min\. .*No network/,
    );
    assert.match(
      text,
      /\(--install webgpu\)\n {2}download 51 MB, disk 96 MB, less than 1 min\. .*\n {2}Not here: npm was not found/,
    );
  });

  it('refuses what it does not know', async () => {
    const cases: Array<[string[], RegExp]> = [
      [['--install', 'torch'], /"torch" cannot be installed; tensorflow and webgpu can/],
      [['--uninstall', 'torch'], /"torch" cannot be uninstalled/],
      [['--install', 'tensorflow', '--uninstall', 'tensorflow'], /exclude each other/],
      [['--wheel', 'x.whl'], /--wheel belongs to --install tensorflow/],
      [['--install', 'webgpu', '--wheel', 'x.whl'], /--wheel belongs to --install tensorflow/],
      [['--install', 'tensorflow', '--package', 'x.tgz'], /--package belongs to --install webgpu/],
      [['--gpu'], /--gpu belongs to --install tensorflow/],
      [
        ['--install', 'tensorflow', '--from', 'conda'],
        /no source "conda"; sources are python, pip, index, wheel, npm/,
      ],
      [['--probe', 'cuda'], /no engine "cuda"; engines are /],
      [['now'], /Unexpected: now/],
    ];
    for (const [args, message] of cases)
      await assert.rejects(doctor(args, parts()), (error: unknown) => {
        assert.ok(error instanceof DistillError && error.code === 'usage', String(error));
        assert.match(error.message, message);
        return true;
      });
  });
});

describe('the progress of a set-up', () => {
  const shown = (isTTY: boolean, json = false) => {
    let text = '';
    let now = 0;
    const output = { isTTY, columns: 40, write: (piece: string) => (text += piece) };
    const progress = new SetUpProgressText(output, json, () => now);
    progress.show({ text: 'Looking' });
    for (const done of [1e6, 2e6, 3e6]) {
      progress.show({ text: 'Unpacking', done, total: 4e6 });
      now += 3000;
    }
    progress.show({ text: 'Unpacking', done: 4e6, total: 4e6 });
    progress.show({ text: 'Trying' });
    progress.close();
    return text;
  };

  it('is a line now and then where it goes to a file', () => {
    assert.equal(
      shown(false),
      'Looking\nUnpacking: 1 MB of 4 MB (25 %)\nUnpacking: 3 MB of 4 MB (75 %)\nUnpacking: 4 MB of 4 MB (100 %)\nTrying\n',
    );
  });

  it('is one line that is rewritten on a terminal', () => {
    assert.ok(
      shown(true).startsWith('Looking\n\r\x1b[2KUnpacking: 1 MB of 4 MB (25 %)\r\x1b[2KUnpacking: 2 MB'),
    );
    assert.ok(shown(true).endsWith('(100 %)\nTrying\n'));
  });

  it('is one object per line for programs', () => {
    const lines = shown(false, true).trim().split('\n');
    assert.deepEqual(JSON.parse(lines[1]!), { text: 'Unpacking', done: 1e6, total: 4e6 });
  });
});

describe('the program', () => {
  it('shows engines that compute beside one whose library is broken', async () => {
    writeFileSync(join(cache, 'library'), 'no library');
    writeReceipt({
      source: 'wheel',
      version: '2.21.0',
      library: join(cache, 'library'),
      beside: [],
      preload: [],
      folder: cache,
      origin: 'x.whl',
      cuda: null,
    });
    const main = join(__dirname, '..', '..', '..', 'src', 'cli', 'main.ts');
    const { stdout } = await new Promise<{ stdout: string }>((resolve, reject) =>
      execFile(process.execPath, [...runTypeScript, main, 'doctor', '--json'], (error, out) =>
        error ? reject(error) : resolve({ stdout: out }),
      ),
    );
    const report = doctorReportSchema.parse(JSON.parse(stdout));
    const of = (name: string) => report.engines.find((one) => one.name === name)!;
    const tensorflow = of('tensorflow');
    assert.ok(!tensorflow.available);
    assert.match(tensorflow.reason, /TensorFlow does not load/);
    const wasm = of('wasm');
    assert.ok(wasm.available, wasm.available ? '' : wasm.reason);
    assert.deepEqual(wasm.failures, []);
  });
});
