import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SegmenterChoice } from '../../../../src/nn/networks';
import { trainingStepBytes } from '../../../../src/nn/step-memory';
import { runSteps } from './run-steps';

const MIB = 2 ** 20;
const resnet18 = (classes: number): SegmenterChoice => ({
  model: 'deeplabv3',
  backbone: 'resnet18',
  classes,
  inputChannels: 3,
  width: 1,
});
const input = (batch: number, size: number) => ({ batch, height: size, width: size });

describe('memory of the wasm engine', () => {
  const cases = [
    {
      name: 'weights',
      config: { training: { batch: 2, crop: [64, 64] } },
      classes: 19,
      shape: { network: resnet18(19), views: 1, input: input(2, 64) },
    },
    {
      name: 'maps',
      config: { student: { width: 0.25 }, training: { batch: 4, crop: [192, 192] } },
      classes: 11,
      shape: { network: { ...resnet18(11), width: 0.25 }, views: 1, input: input(4, 192) },
    },
    {
      name: 'maps of many classes, and a teacher',
      config: { methods: [{ kind: 'kd' }], training: { batch: 2, crop: [96, 96] } },
      classes: 150,
      shape: { network: resnet18(150), teacher: resnet18(150), views: 1, input: input(2, 96) },
    },
    {
      name: 'two views',
      config: {
        methods: [{ kind: 'lad' }],
        student: { width: 0.5 },
        training: { batch: 2, crop: [128, 128] },
      },
      classes: 19,
      stage: 'teacher' as const,
      shape: { network: { ...resnet18(19), width: 0.5, inputChannels: 4 }, views: 2, input: input(2, 128) },
    },
  ];
  for (const { name, config, classes, stage = 'student', shape } of cases)
    it(`is what the estimate says, within a quarter: ${name}`, async () => {
      const { heap } = await runSteps({
        config: { dataset: { kind: 'sample' }, methods: [], ...config },
        classes,
        stage,
        steps: 2,
      });
      const measured = heap.at(-1)! / MIB;
      const estimated = trainingStepBytes(shape) / MIB;
      assert.ok(
        Math.abs(estimated / measured - 1) < 0.25,
        `estimated ${estimated.toFixed(0)} MiB, measured ${measured.toFixed(0)} MiB`,
      );
    });

  it('does not grow over 200 steps, and no tensor is left behind', async () => {
    const { heap, tensors } = await runSteps({
      config: {
        dataset: { kind: 'sample' },
        methods: [{ kind: 'rdd' }, { kind: 'cwd' }],
        student: { width: 0.0625 },
        training: { batch: 2, crop: [32, 32], iterations: 200 },
      },
      classes: 5,
      stage: 'student',
      steps: 200,
    });
    assert.deepEqual(new Set(tensors), new Set([tensors[0]]));
    // The first steps find out what is needed; from then on gaps are used again.
    assert.equal(heap.at(-1), heap[20]);
  });
});
