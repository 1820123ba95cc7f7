import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  cudaOf,
  cudaRequirements,
  fitsPlatform,
  inspectWheel,
  isCudaMember,
  parseRecord,
  parseWheelName,
  unpackWheel,
} from '../../../../src/engine/install/wheel';
import { ZipFile } from '../../../../src/engine/install/zip';
import { writeWheel, writeZip } from './archives';
import { refused, scratch } from './support';

const NAME = 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl';
const library = 'tensorflow/libtensorflow_cc.so.2';
const framework = 'tensorflow/libtensorflow_framework.so.2';

describe('wheels of TensorFlow', () => {
  const here = scratch();
  const inspect = async (file: string, platform: NodeJS.Platform = 'linux') => {
    const zip = await ZipFile.open(file);
    try {
      return await inspectWheel(zip, platform);
    } finally {
      await zip.close();
    }
  };

  it('knows their names and platforms', () => {
    assert.deepEqual(parseWheelName(NAME), {
      file: NAME,
      project: 'tensorflow-cpu',
      version: '2.21.0',
      python: 'cp312',
      platform: 'manylinux_2_27_x86_64',
    });
    assert.equal(parseWheelName('tensorflow-2.21.0.tar.gz'), undefined);
    const fits: Array<[string, NodeJS.Platform, string, boolean]> = [
      ['manylinux_2_27_x86_64', 'linux', 'x64', true],
      ['manylinux_2_27_x86_64.manylinux2014_x86_64', 'linux', 'x64', true],
      ['manylinux_2_27_aarch64', 'linux', 'x64', false],
      ['manylinux_2_27_aarch64', 'linux', 'arm64', true],
      ['musllinux_1_2_x86_64', 'linux', 'x64', false],
      ['macosx_12_0_arm64', 'darwin', 'arm64', true],
      ['macosx_12_0_arm64', 'darwin', 'x64', false],
      ['macosx_11_0_universal2', 'darwin', 'x64', true],
      ['win_amd64', 'win32', 'x64', true],
      ['win_amd64', 'linux', 'x64', false],
      ['any', 'win32', 'x64', true],
    ];
    for (const [tag, platform, arch, expected] of fits)
      assert.equal(fitsPlatform(tag, platform, arch), expected, `${tag} ${platform} ${arch}`);
  });

  it('finds the libraries of every platform, the version and what CUDA it wants', async () => {
    const layouts: Array<[NodeJS.Platform, string[]]> = [
      ['linux', [library, framework]],
      ['darwin', ['tensorflow/libtensorflow_cc.2.dylib', 'tensorflow/libtensorflow_framework.2.dylib']],
      ['win32', ['tensorflow/python/_pywrap_tensorflow_common.dll']],
    ];
    for (const [platform, names] of layouts) {
      const file = writeWheel(
        here.path(NAME),
        {
          ...Object.fromEntries(names.map((name) => [name, name])),
          'tensorflow/python/platform/build_info.py': `build_info = collections.OrderedDict([('cuda_version', '12.5.1'), ('cudnn_version', '9'), ('is_cuda_build', True)])`,
        },
        { requires: ['numpy>=1.26.0', 'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"'] },
      );
      const content = await inspect(file, platform);
      assert.deepEqual(
        content.entries.map(({ name }) => name),
        names,
      );
      assert.equal(content.version, '2.21.0');
      assert.deepEqual(content.cuda, { cuda: '12.5.1', cudnn: '9' });
      assert.deepEqual(content.cudaRequirements, [
        { project: 'nvidia-cudnn-cu12', specifier: '<10.0,>=9.3.0.75' },
      ]);
    }
    assert.equal(cudaOf(`OrderedDict([('is_cuda_build', False), ('cuda_version', '12')])`), null);
  });

  it('refuses other packages, other platforms, versions without the library, and what is no wheel', async () => {
    const members = { [library]: 'x', [framework]: 'y' };
    const cases: Array<[string, string, RegExp]> = [
      [writeWheel(here.path('torch-2.9.0-cp312-cp312-linux_x86_64.whl'), members), 'usage', /wheel of torch/],
      [
        writeWheel(here.path('tensorflow-1.15.0-cp37-cp37m-linux_x86_64.whl'), members),
        'engine-unavailable',
        /1\.15\.0 is not supported/,
      ],
      [
        writeWheel(here.path('tensorflow-2.10.0-cp310-cp310-linux_x86_64.whl'), { [framework]: 'y' }),
        'engine-unavailable',
        /holds no libtensorflow_cc\.so\.2/,
      ],
      [
        writeZip(here.path('tensorflow-2.21.0-cp312-cp312-linux_x86_64.whl'), members),
        'engine-unavailable',
        /no METADATA/,
      ],
    ];
    for (const [file, code, message] of cases) await refused(inspect(file), code as 'usage', message);
    await refused(
      inspect(writeWheel(here.path(NAME), members), 'darwin'),
      'engine-unavailable',
      /libtensorflow_cc\.2\.dylib/,
    );
  });

  it('checks what it unpacks against the RECORD', async () => {
    const unpack = async (file: string) => {
      const zip = await ZipFile.open(file);
      try {
        await unpackWheel(
          zip,
          zip.entries.filter(({ name }) => name === library),
          here.path('out'),
        );
      } finally {
        await zip.close();
      }
    };
    await unpack(writeWheel(here.path(NAME), { [library]: 'library' }));
    assert.equal(readFileSync(here.path('out', library), 'utf8'), 'library');
    const other = Buffer.alloc(32).toString('base64url');
    await refused(
      unpack(writeWheel(here.path(NAME), { [library]: 'library' }, { record: { [library]: other } })),
      'engine-unavailable',
      /does not have the checksum of its RECORD/,
    );
    await refused(unpack(writeZip(here.path(NAME), { [library]: 'x' })), 'engine-unavailable', /no RECORD/);
    await refused(
      unpack(
        writeZip(here.path(NAME), {
          [library]: 'x',
          'tensorflow_cpu-2.21.0.dist-info/RECORD': 'other,sha256=abc,1\n',
        }),
      ),
      'engine-unavailable',
      /is not in its RECORD/,
    );
    assert.deepEqual(
      [...parseRecord('a,sha256=x-_1,3\r\n"b,""c",sha256=y==,\nd,,\n')],
      [
        ['a', 'x-_1'],
        ['b,"c', 'y'],
      ],
    );
    assert.ok(existsSync(here.path('out')));
  });

  it('takes from NVIDIA’s wheels what computing needs', () => {
    for (const name of [
      'nvidia/cudnn/lib/libcudnn_ops.so.9',
      'nvidia/cublas/lib/libcublas.so.12',
      'nvidia/cuda_nvcc/bin/ptxas',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
    ])
      assert.ok(isCudaMember(name), name);
    for (const name of [
      'nvidia/cudnn/include/cudnn.h',
      'nvidia/cublas/lib/libcublas_static.a',
      'nvidia/cublas/__init__.py',
      'nvidia_cublas_cu12-12.5.3.2.dist-info/RECORD',
      'other/lib/libx.so',
    ])
      assert.ok(!isCudaMember(name), name);
    assert.deepEqual(
      cudaRequirements(
        'Requires-Dist: numpy>=1.26\nRequires-Dist: Nvidia_NCCL.cu12 (<3.0,>=2.27.7) ; extra == "and-cuda"\nRequires-Dist: gcs; extra == "gcs"\n',
      ),
      [{ project: 'nvidia-nccl-cu12', specifier: '<3.0,>=2.27.7' }],
    );
  });
});
