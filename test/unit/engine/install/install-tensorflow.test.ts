import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { cacheFolder } from '../../../../src/engine/cache-folder';
import { checkSpace } from '../../../../src/engine/install/disk';
import {
  type InstallOptions,
  installTensorFlow,
  uninstallTensorFlow,
} from '../../../../src/engine/install-tensorflow';
import { findTensorFlow } from '../../../../src/engine/tensorflow-home';
import { DistillError } from '../../../../src/protocol/errors';
import { writeTar, writeWheel, writeZip } from './archives';
import { FakeServer } from './server';
import { refused, scratch } from './support';

const PLATFORM = 'manylinux_2_27_x86_64';
const CPU = `tensorflow_cpu-2.21.0-cp312-cp312-${PLATFORM}.whl`;
const GPU = `tensorflow-2.21.0-cp312-cp312-${PLATFORM}.whl`;
const library = 'tensorflow/libtensorflow_cc.so.2';
const framework = 'tensorflow/libtensorflow_framework.so.2';
const cudaBuild = "('cuda_version', '12.5.1'), ('cudnn_version', '9'), ('is_cuda_build', True)";
const skip = (process.platform !== 'linux' || process.arch !== 'x64') && 'fake wheels of Linux on x64';

describe('setting TensorFlow up', { skip }, () => {
  const here = scratch();
  let server: FakeServer;
  let steps: string[];
  beforeEach(async () => {
    // No Python, environment or proxy of this machine takes part.
    process.env.PATH = here.path('bin');
    for (const name of ['VIRTUAL_ENV', 'CONDA_PREFIX', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'])
      delete process.env[name];
    steps = [];
    server = new FakeServer();
    await server.start();
  });
  afterEach(() => server.stop());

  const install = (options: Partial<InstallOptions> = {}) =>
    installTensorFlow({
      workspace: here.folder,
      report: ({ text }) => steps.push(text),
      tryOut: async () => '2.21.0',
      ...options,
    });
  const put = (path: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(here.path(path)), { recursive: true });
    writeFileSync(here.path(path), content);
    chmodSync(here.path(path), mode);
  };
  const cached = () => (existsSync(cacheFolder()) ? readdirSync(cacheFolder()).sort() : []);
  const cpuWheel = (content: string | Buffer = 'library') =>
    writeWheel(here.path(CPU), {
      [library]: content,
      [framework]: 'framework',
      'tensorflow/include/x.h': 'x',
    });
  /** Puts a file on the index, as PEP 503 has it. */
  const offer = (project: string, file: string, checksum?: string) => {
    const name = file.split('/').at(-1)!;
    const body = readFileSync(file);
    const sha256 = checksum ?? createHash('sha256').update(body).digest('hex');
    server.files.set(`/files/${name}`, { body, etag: `"${sha256}"` });
    server.files.set(`/simple/${project}/`, {
      body: Buffer.from(`<a href="../../files/${name}#sha256=${sha256}">${name}</a>`),
      type: 'text/html',
    });
  };
  const index = () => `${server.origin}/simple/`;

  it('takes the libraries from a wheel on this disk', async () => {
    const receipt = await install({ file: cpuWheel() });
    const folder = here.path('cache/tensorflow-2.21.0-wheel');
    assert.deepEqual(
      [receipt.source, receipt.version, receipt.folder, receipt.library, receipt.cuda, receipt.origin],
      ['wheel', '2.21.0', folder, `${folder}/${library}`, null, CPU],
    );
    assert.equal(readFileSync(receipt.library, 'utf8'), 'library');
    assert.deepEqual(readdirSync(`${folder}/tensorflow`).sort(), [
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]);
    assert.deepEqual(findTensorFlow(), { found: true, receipt });
    assert.deepEqual(cached(), ['tensorflow-2.21.0-wheel', 'tensorflow.json']);
    assert.match(steps.at(-1)!, /TensorFlow 2\.21\.0 is ready in .*tensorflow-2\.21\.0-wheel/);
  });

  it('takes the newest set-up and removes the one before', async () => {
    await install({ file: cpuWheel() });
    const again = await install({ file: cpuWheel('newer') });
    assert.equal(readFileSync(again.library, 'utf8'), 'newer');
    offer('tensorflow-cpu', cpuWheel('from the index'));
    const receipt = await install({ index: index() });
    assert.equal(readFileSync(receipt.library, 'utf8'), 'from the index');
    assert.deepEqual(cached(), ['tensorflow-2.21.0-index', 'tensorflow.json']);
  });

  it('downloads from an index, goes on after a break, and refuses a wrong checksum', async () => {
    // Large enough that most of the half has been read when it breaks.
    offer('tensorflow-cpu', cpuWheel(randomBytes(1_000_000)));
    const file = server.files.get(`/files/${CPU}`)!;
    file.breakAfter = Math.floor(file.body.length / 2);
    await refused(install({ index: index() }), 'engine-unavailable', /broke off.*Run the same command again/);
    assert.ok(!findTensorFlow().found);
    await install({ index: index() });
    assert.match(server.requests.at(-1)!, /whl bytes=\d+-$/);
    assert.deepEqual(cached(), ['tensorflow-2.21.0-index', 'tensorflow.json']);
    offer('tensorflow-cpu', cpuWheel(), 'b'.repeat(64));
    await refused(install({ index: index() }), 'engine-unavailable', /does not have the checksum/);
    assert.ok(findTensorFlow().found, 'what was set up before is still there');
  });

  it('brings what a GPU needs in the layout of the wheels, in the order to load it', async () => {
    const requires = [
      'nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
      'nvidia-all-cu12; extra == "and-cuda"',
      'numpy>=1.26.0',
    ];
    const members = {
      [library]: 'l',
      [framework]: 'f',
      'tensorflow/python/platform/build_info.py': cudaBuild,
    };
    offer('tensorflow', writeWheel(here.path(GPU), members, { requires }));
    const nvidia = (project: string, version: string, libraries: string[]) =>
      offer(
        project.replaceAll('_', '-'),
        writeWheel(here.path(`${project}-${version}-py3-none-${PLATFORM}.whl`), {
          ...Object.fromEntries(libraries.map((name) => [`nvidia/${name}`, name])),
          'nvidia/x/include/x.h': 'not wanted',
        }),
      );
    nvidia('nvidia_cublas_cu12', '12.9.1.4', ['cublas/lib/libcublas.so.12', 'cublas/lib/libcublasLt.so.12']);
    nvidia('nvidia_cudnn_cu12', '9.10.2.21', ['cudnn/lib/libcudnn.so.9', 'cudnn/lib/libcudnn_ops.so.9']);
    nvidia('nvidia_all_cu12', '1.0', [
      'cuda_runtime/lib/libcudart.so.12',
      'cufft/lib/libcufft.so.11',
      'cusolver/lib/libcusolver.so.11',
      'cusparse/lib/libcusparse.so.12',
      'cuda_nvcc/bin/ptxas',
    ]);
    const receipt = await install({ index: index(), gpu: true });
    assert.deepEqual(receipt.cuda, { cuda: '12.5.1', cudnn: '9' });
    assert.deepEqual(
      receipt.preload.map((file) => file.slice(receipt.folder!.length)),
      [
        '/nvidia/cuda_runtime/lib/libcudart.so.12',
        '/nvidia/cublas/lib/libcublasLt.so.12',
        '/nvidia/cublas/lib/libcublas.so.12',
        '/nvidia/cufft/lib/libcufft.so.11',
        '/nvidia/cusparse/lib/libcusparse.so.12',
        '/nvidia/cusolver/lib/libcusolver.so.11',
        '/nvidia/cudnn/lib/libcudnn.so.9',
      ],
    );
    assert.ok(existsSync(`${receipt.folder}/nvidia/cuda_nvcc/bin/ptxas`));
    assert.ok(!existsSync(`${receipt.folder}/nvidia/x`));
    assert.deepEqual(cached(), ['tensorflow-2.21.0-index', 'tensorflow.json']);

    // The same wheels in one folder on the disk.
    const local = await install({ file: here.path(GPU), gpu: true });
    assert.equal(local.preload.length, 7);
    await refused(install({ file: cpuWheel(), gpu: true }), 'engine-unavailable', /built for the CPU alone/);
    server.files.delete('/simple/nvidia-cudnn-cu12/');
    await refused(
      install({ index: index(), gpu: true }),
      'engine-unavailable',
      /no project "nvidia-cudnn-cu12"/,
    );
    assert.deepEqual(cached(), ['downloads', 'tensorflow-2.21.0-wheel', 'tensorflow.json']);
  });

  it('uses the TensorFlow of a Python environment where it is, and notices when it goes', async () => {
    const site = '.venv/lib/python3.12/site-packages';
    for (const file of [library, framework, 'tensorflow_cpu-2.21.0.dist-info/METADATA'])
      put(`${site}/${file}`, 'x');
    const receipt = await install();
    assert.deepEqual([receipt.source, receipt.folder, receipt.origin], ['python', null, here.path('.venv')]);
    assert.deepEqual(cached(), ['tensorflow.json']);
    assert.ok(findTensorFlow().found);
    await refused(
      install({ from: 'python', gpu: true }),
      'engine-unavailable',
      /\.venv: its TensorFlow was built for the CPU alone/,
    );
    rmSync(here.path(site, framework));
    const search = findTensorFlow();
    assert.ok(!search.found);
    assert.match(search.reason, /environment .*\.venv is gone or was changed .*--install tensorflow/);
    assert.match(await uninstallTensorFlow(), /no longer used; it stays where it is/);
    assert.ok(existsSync(here.path(site, library)));
  });

  it('downloads with the user’s own pip, under the name this platform has', async () => {
    cpuWheel();
    const wheel = here.path(`tensorflow-2.21.0-cp312-cp312-${PLATFORM}.whl`);
    writeWheel(wheel, { [library]: 'library', [framework]: 'framework' });
    // Knows no tensorflow-cpu; writes what it was asked into a file.
    put(
      'bin/python3',
      `#!/bin/sh
echo "$@ TMPDIR=$TMPDIR" >> '${here.path('asked')}'
case "$*" in
  --version) echo Python 3.12.0 ;;
  '-m pip --version') echo pip 25 ;;
  *tensorflow-cpu*) echo 'ERROR: No matching distribution found for tensorflow-cpu'; exit 1 ;;
  *download*) while [ "$1" != --dest ]; do shift; done; echo 'Downloading x.whl (274.1 MB)'; /bin/cp '${wheel}' "$2" ;;
esac\n`,
      0o755,
    );
    const receipt = await install({ from: 'pip' });
    assert.equal(receipt.origin, wheel.split('/').at(-1));
    const asked = readFileSync(here.path('asked'), 'utf8');
    assert.match(
      asked,
      /pip download --no-deps .*tensorflow-cpu==2\.21\.0 TMPDIR=.*setup\.partial-\d+\/pip\/tmp/,
    );
    assert.match(asked, /--python-version 3\.12 tensorflow-cpu==2\.21\.0/);
    assert.match(asked, /tensorflow==2\.21\.0/);
    assert.deepEqual(cached(), ['tensorflow-2.21.0-pip', 'tensorflow.json']);
  });

  it('takes an archive of libtensorflow, as .tar.gz or .zip', async () => {
    const files = { 'lib/libtensorflow.so.2': 'l', 'lib/libtensorflow_framework.so.2': 'f' };
    const archives = [
      writeTar(here.path('libtensorflow-cpu.tar.gz'), files),
      writeZip(here.path('libtensorflow-cpu.zip'), files),
    ];
    for (const file of archives) {
      const receipt = await install({ file, tryOut: async () => '2.9.1' });
      assert.equal(receipt.library, here.path('cache/tensorflow-2.9.1-npm/lib/libtensorflow.so.2'));
      assert.deepEqual(cached(), ['tensorflow-2.9.1-npm', 'tensorflow.json']);
    }
    const other = writeTar(here.path('other.tar.gz'), { 'lib/other.so': 'x' });
    await refused(install({ file: other }), 'engine-unavailable', /holds no lib\/libtensorflow\.so\.2/);
  });

  it('tries one source after the other and says why each did not serve', async () => {
    process.env.TFJS_NODE_BASE_URI = `${server.origin}/libtensorflow-`;
    await refused(
      install(),
      'engine-unavailable',
      /No source could provide TensorFlow\. python: No Python environment.*\npip: No Python 3 found.*\nnpm: http:\/\/127.*answers 404.*\nThe engine "wasm" needs nothing/,
    );
    const archive = writeTar(here.path('npm.tar.gz'), {
      'lib/libtensorflow.so.2': 'l',
      'lib/libtensorflow_framework.so.2': 'f',
    });
    server.files.set('/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz', { body: readFileSync(archive) });
    const receipt = await install({ tryOut: async () => '2.9.1' });
    assert.equal(receipt.source, 'npm');
    assert.ok(steps.some((text) => /^From pip: No Python 3 found/.test(text)));
  });

  it('leaves what was there when it fails or is ended, and goes on with a download that was ended', async () => {
    const before = await install({ file: cpuWheel() });
    const loads = async () => {
      throw new DistillError('engine-unavailable', 'It does not load.', { remedy: 'Get another.' });
    };
    await refused(install({ file: cpuWheel('newer'), tryOut: loads }), 'engine-unavailable', /does not load/);
    assert.equal(readFileSync(before.library, 'utf8'), 'library');

    // The new folder cannot be put in the place of the old one.
    const vanishes: InstallOptions['tryOut'] = async ({ folder }) => {
      rmSync(folder!, { recursive: true });
      return '2.21.0';
    };
    await refused(install({ file: cpuWheel('newer'), tryOut: vanishes }), 'io', /ENOENT/);
    assert.equal(readFileSync(before.library, 'utf8'), 'library');

    offer('tensorflow-cpu', cpuWheel('y'.repeat(100_000)));
    server.files.get(`/files/${CPU}`)!.hangAfter = 100;
    const controller = new AbortController();
    const ended = install({
      index: index(),
      signal: controller.signal,
      report: ({ done }) => done && controller.abort(),
    });
    await assert.rejects(ended, { name: 'AbortError' });
    assert.deepEqual(cached(), ['downloads', 'tensorflow-2.21.0-wheel', 'tensorflow.json']);
    assert.equal(readFileSync(before.library, 'utf8'), 'library');

    delete server.files.get(`/files/${CPU}`)!.hangAfter;
    const starts: number[] = [];
    await install({ index: index(), report: ({ done }) => done !== undefined && starts.push(done) });
    assert.ok(starts[0]! > 0, `the download began anew: ${starts}`);
    assert.deepEqual(cached(), ['tensorflow-2.21.0-index', 'tensorflow.json']);
  });

  it('removes what a killed set-up left, and what was set up', async () => {
    mkdirSync(here.path(`cache/setup.partial-${2 ** 30}`), { recursive: true });
    mkdirSync(here.path(`cache/setup.partial-${process.ppid}`), { recursive: true });
    await install({ file: cpuWheel() });
    assert.deepEqual(cached(), [
      `setup.partial-${process.ppid}`,
      'tensorflow-2.21.0-wheel',
      'tensorflow.json',
    ]);
    assert.match(await uninstallTensorFlow(), /Removed .*tensorflow-2\.21\.0-wheel/);
    assert.deepEqual(cached(), [`setup.partial-${process.ppid}`]);
    assert.match(await uninstallTensorFlow(), /was not set up/);
  });

  it('says what is needed and what is free when the disk is too small', async () => {
    await refused(
      checkSpace(here.folder, 1e18),
      'disk-full',
      /1000000000\.0 GB are needed, [\d.]+ [MG]B are free/,
    );
  });

  it('refuses what does not go together, and files that are not there', async () => {
    const cases: Array<[Partial<InstallOptions>, RegExp]> = [
      [{ index: 'https://x/', file: cpuWheel() }, /exclude each other/],
      [{ from: 'pip', file: cpuWheel() }, /--from pip does not go with --wheel/],
      [{ from: 'index' }, /needs --index/],
      [{ from: 'wheel' }, /needs --wheel/],
      [{ file: here.path('none.whl') }, /no such file/],
      [{ index: 'opt/simple' }, /no http\(s\) address/],
    ];
    for (const [options, message] of cases) await refused(install(options), 'usage', message);
  });
});
