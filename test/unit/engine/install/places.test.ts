import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { cacheFolder } from '../../../../src/engine/cache-folder';
import { cudaLibraries, missingCuda } from '../../../../src/engine/install/cuda-libraries';
import {
  archiveLibraries,
  isUsableVersion,
  presentIn,
  wheelLibraries,
} from '../../../../src/engine/install/libraries';
import { npmArchive } from '../../../../src/engine/install/npm-binary';
import { findPythonTensorFlow } from '../../../../src/engine/install/python-env';
import { refused, scratch } from './support';

const here = scratch();
const put = (path: string, content = 'x') => {
  mkdirSync(dirname(here.path(path)), { recursive: true });
  writeFileSync(here.path(path), content);
};

describe('the cache folder', () => {
  it('is the platform’s own, and where DISTILL_CACHE says', () => {
    const at = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv) =>
      cacheFolder({ platform, env, home: '/home/me' });
    assert.equal(at('linux', {}), join('/home/me/.cache/distillation-studio'));
    assert.equal(at('linux', { XDG_CACHE_HOME: '/big' }), join('/big/distillation-studio'));
    assert.equal(
      at('darwin', { XDG_CACHE_HOME: '/big' }),
      join('/home/me/Library/Caches/distillation-studio'),
    );
    assert.equal(at('win32', { LOCALAPPDATA: '/local' }), join('/local/distillation-studio'));
    assert.equal(at('win32', {}), join('/home/me/AppData/Local/distillation-studio'));
    assert.equal(at('win32', { DISTILL_CACHE: '/other' }), join('/other'));
  });
});

describe('TensorFlow’s libraries', () => {
  it('are found in the layouts of wheels and archives of every platform', () => {
    const layouts: Array<[string[], ReturnType<typeof wheelLibraries>]> = [
      [
        ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'],
        wheelLibraries('linux'),
      ],
      [
        ['tensorflow/libtensorflow_cc.2.dylib', 'tensorflow/libtensorflow_framework.2.dylib'],
        wheelLibraries('darwin'),
      ],
      [['tensorflow/python/_pywrap_tensorflow_common.dll'], wheelLibraries('win32')],
      [['tensorflow/python/_pywrap_tensorflow_internal.pyd'], wheelLibraries('win32')],
      [['lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2'], archiveLibraries('linux')],
      [['lib/libtensorflow.2.dylib', 'lib/libtensorflow_framework.2.dylib'], archiveLibraries('darwin')],
      [['lib/tensorflow.dll'], archiveLibraries('win32')],
      [['tensorflow.dll'], archiveLibraries('win32')],
    ];
    layouts.forEach(([files, places], i) => {
      assert.equal(presentIn(here.path(`${i}`), places), undefined);
      for (const file of files) put(`${i}/${file}`);
      const place = presentIn(here.path(`${i}`), places);
      assert.deepEqual([place?.library, ...(place?.beside ?? [])], files);
    });
  });

  it('are of versions that can be used', () => {
    for (const version of ['2.9.1', '2.21.0', '2.30.1']) assert.ok(isUsableVersion(version), version);
    for (const version of ['1.15.5', '2.8.4', '3.0.0', 'x']) assert.ok(!isUsableVersion(version), version);
  });
});

describe('CUDA libraries', () => {
  it('are loaded in an order in which each finds what it needs', () => {
    for (const file of [
      'cudnn/lib/libcudnn.so.9',
      'cudnn/lib/libcudnn_ops.so.9',
      'cublas/lib/libcublas.so.12',
      'cublas/lib/libcublasLt.so.12',
      'cublas/lib/libnvblas.so.12',
      'cuda_runtime/lib/libcudart.so.12',
      'cusolver/lib/libcusolverMg.so.11',
      'cusolver/lib/libcusolver.so.11',
      'cublas/include/cublas.h',
    ])
      put(`nvidia/${file}`);
    const files = cudaLibraries(here.path('nvidia'));
    assert.deepEqual(
      files.map((file) => file.split(/[\\/]/).at(-1)),
      ['libcudart.so.12', 'libcublasLt.so.12', 'libcublas.so.12', 'libcusolver.so.11', 'libcudnn.so.9'],
    );
    assert.deepEqual(missingCuda(files), ['cufft', 'cusparse']);
    assert.deepEqual(cudaLibraries(here.path('nowhere')), []);
  });
});

describe('TensorFlow in Python environments', () => {
  const site = '.venv/lib/python3.12/site-packages';
  const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
  // Interpreters of this machine have nothing to do with it.
  const find = (options: Parameters<typeof findPythonTensorFlow>[0] = {}) => {
    process.env.PATH = here.path('empty');
    delete process.env.VIRTUAL_ENV;
    delete process.env.CONDA_PREFIX;
    return findPythonTensorFlow({ workspace: here.folder, ...options });
  };
  const skip = process.platform !== 'linux' && 'fake layouts of Linux';

  it('is found in the workspace’s, without running anything', { skip }, async () => {
    assert.deepEqual(await find(), { found: [], refused: [] });
    for (const file of [...libraries, 'tensorflow/__init__.py'])
      put(`${site}/${file}`, 'raise SystemExit("was run")');
    put(`${site}/tensorflow_cpu-2.20.0.dist-info/METADATA`);
    put(
      `${site}/tensorflow/python/platform/build_info.py`,
      `('cuda_version', '12.5.1'), ('is_cuda_build', True)`,
    );
    put(`${site}/nvidia/cuda_runtime/lib/libcudart.so.12`);
    assert.deepEqual(await find(), {
      found: [
        {
          environment: here.path('.venv'),
          version: '2.20.0',
          library: here.path(site, libraries[0]!),
          beside: [here.path(site, libraries[1]!)],
          preload: [here.path(site, 'nvidia/cuda_runtime/lib/libcudart.so.12')],
          cuda: { cuda: '12.5.1', cudnn: undefined },
        },
      ],
      refused: [],
    });
  });

  it('is refused with a reason where it cannot be used', { skip }, async () => {
    put(`${site}/tensorflow/__init__.py`);
    const reason = async () => (await find()).refused.join();
    assert.match(await reason(), /not installed from a wheel/);
    put(`${site}/tensorflow-2.10.0.dist-info/METADATA`);
    assert.match(await reason(), /2\.10\.0 has no libtensorflow_cc\.so\.2 \(2\.13 and newer have\)/);
  });

  it('is asked of an interpreter, which comes first and alone where it is wanted alone', {
    skip,
  }, async () => {
    for (const root of ['.venv', 'elsewhere'])
      for (const file of libraries) put(`${root}/lib/python3.12/site-packages/${file}`);
    put('.venv/lib/python3.12/site-packages/tensorflow-2.20.0.dist-info/METADATA');
    put('elsewhere/lib/python3.12/site-packages/tensorflow-2.21.0.dist-info/METADATA');
    const answer = JSON.stringify([
      here.path('elsewhere'),
      here.path('elsewhere'),
      [here.path('elsewhere/lib/python3.12/site-packages/tensorflow')],
    ]);
    writeFileSync(here.path('python'), `#!/bin/sh\necho noise\necho '${answer}'\n`, { mode: 0o755 });
    const versions = async (only: boolean) =>
      (await find({ python: here.path('python'), only })).found.map(({ version }) => version);
    assert.deepEqual(await versions(false), ['2.21.0', '2.20.0']);
    assert.deepEqual(await versions(true), ['2.21.0']);
    const folder = await find({ python: here.path('elsewhere'), only: true });
    assert.deepEqual(
      folder.found.map(({ version }) => version),
      ['2.21.0'],
      'the folder of an environment, as conda makes them',
    );
    writeFileSync(here.path('python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    assert.deepEqual(await versions(true), []);
  });
});

describe('the npm package’s own library', () => {
  const at = (platform: NodeJS.Platform, arch: string, gpu: boolean, env: NodeJS.ProcessEnv = {}) =>
    npmArchive(gpu, { platform, arch, env });

  it('is where the package’s scripts say', () => {
    const { url, name } = at('linux', 'x64', false);
    assert.equal(url.protocol, 'https:');
    assert.match(url.pathname, /\/libtensorflow-cpu-linux-x86_64-\d+\.\d+\.\d+\.tar\.gz$/);
    assert.equal(url.pathname.split('/').at(-1), name);
    assert.match(at('win32', 'x64', true).name, /^libtensorflow-gpu-windows-x86_64-.*\.zip$/);
    assert.match(at('darwin', 'x64', false).name, /^libtensorflow-cpu-darwin-x86_64-.*\.tar\.gz$/);
  });

  it('comes from another place where the package’s variables say so', () => {
    const { url } = at('linux', 'x64', false, { TFJS_NODE_CDN_STORAGE: 'https://mirror.example/' });
    assert.ok(url.href.startsWith('https://mirror.example/tensorflow/libtensorflow/libtensorflow-cpu-linux'));
    const base = { TFJS_NODE_BASE_URI: 'https://mirror.example/tf-' };
    assert.ok(
      at('linux', 'x64', true, base).url.href.startsWith('https://mirror.example/tf-gpu-linux-x86_64-'),
    );
  });

  it('is refused where there is none, or where the scripts have changed', async () => {
    await refused(
      () => at('darwin', 'arm64', false),
      'engine-unavailable',
      /no library for cpu-darwin-arm64/,
    );
    put('scripts/install.js', 'changed');
    put('scripts/deps-constants.js', 'changed');
    await refused(
      () => npmArchive(false, { platform: 'linux', arch: 'x64', env: {} }, here.path('scripts')),
      'engine-unavailable',
      /no longer says where/,
    );
  });
});
