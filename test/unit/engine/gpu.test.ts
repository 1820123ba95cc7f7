import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainGpu, type GpuFacts } from '../../../src/engine/gpu/explain';
import { parseDriver, parseSmi } from '../../../src/engine/gpu/facts';

/** A machine on which nothing stands in the way, and yet TensorFlow lists no GPU. */
const machine: GpuFacts = {
  platform: 'linux',
  used: false,
  names: ['NVIDIA H100'],
  onBus: true,
  driver: '550.54.14',
  deviceFiles: true,
  visible: undefined,
  cuda: { cuda: '12.5.1', cudnn: '9' },
  missing: [],
};

describe('why no GPU is used', () => {
  const cases: Array<[string, Partial<GpuFacts>, RegExp, RegExp, boolean]> = [
    ['macOS', { platform: 'darwin' }, /no GPU build for macOS/, /webgpu/, false],
    [
      'no NVIDIA GPU',
      { onBus: false, driver: undefined, names: [] },
      /no NVIDIA GPU in this machine/,
      /webgpu/,
      false,
    ],
    ['Windows', { platform: 'win32' }, /no GPU build for Windows/, /WSL 2/, true],
    ['no driver', { driver: undefined, names: [] }, /driver is not loaded/, /Install NVIDIA's driver/, true],
    ['container', { deviceFiles: false }, /cannot be reached.*\/dev\/nvidia/, /--gpus all/, true],
    ['hidden', { visible: '' }, /hidden: CUDA_VISIBLE_DEVICES is ""/, /Unset/, true],
    ['hidden by -1', { visible: '-1' }, /hidden: CUDA_VISIBLE_DEVICES is "-1"/, /Unset/, true],
    [
      'CPU build',
      { cuda: null },
      /H100 is not used: .* for the CPU alone/,
      /--install tensorflow --gpu/,
      true,
    ],
    [
      'old driver',
      { driver: '470.82.01' },
      /driver 470\.82\.01 is too old for CUDA 12\.5\.1/,
      /to 525\.60 or newer/,
      true,
    ],
    ['old driver for CUDA 13', { cuda: { cuda: '13.0' } }, /too old for CUDA 13\.0/, /to 580\.65/, true],
    ['libraries', { missing: ['libcudnn'] }, /CUDA libraries are missing \(libcudnn\)/, /--gpu/, true],
    ['unknown', {}, /although its driver and the CUDA libraries are there/, /--probe tensorflow/, true],
  ];
  for (const [name, facts, reason, remedy, expected] of cases)
    it(name, () => {
      const verdict = explainGpu({ ...machine, ...facts });
      assert.ok(!verdict.used);
      assert.match(verdict.reason, reason);
      assert.match(verdict.remedy, remedy);
      assert.equal(verdict.expected, expected);
    });

  it('names the GPU that is used', () => {
    assert.deepEqual(explainGpu({ ...machine, used: true }), { used: true, name: 'NVIDIA H100' });
  });

  it('CUDA_VISIBLE_DEVICES that shows some hides nothing; a driver that is exactly old enough suffices', () => {
    for (const facts of [{ visible: '0,1' }, { driver: '525.60.13' }, { driver: '525.60' }]) {
      const verdict = explainGpu({ ...machine, ...facts });
      assert.ok(!verdict.used && /although/.test(verdict.reason));
    }
  });
});

describe('what the driver’s tools say', () => {
  it('is understood', () => {
    assert.deepEqual(parseSmi('550.54.14, NVIDIA H100 80GB HBM3\n550.54.14, NVIDIA A100\n'), {
      driver: '550.54.14',
      names: ['NVIDIA H100 80GB HBM3', 'NVIDIA A100'],
    });
    assert.deepEqual(parseSmi('No devices were found\n'), { driver: undefined, names: [] });
    const texts = [
      'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024\nGCC version:',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build  (dvs-builder@U16)\n',
    ];
    for (const text of texts) assert.equal(parseDriver(text), '550.54.14');
    assert.equal(parseDriver('something else'), undefined);
  });
});
