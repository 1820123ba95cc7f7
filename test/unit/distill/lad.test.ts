import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy } from '../../../src/distill/losses/cross-entropy';
import { cwd } from '../../../src/distill/losses/cwd';
import type { SegmenterOutput } from '../../../src/nn/segmenter';
import { near, oneStep } from './support/one-step';
import { tinyConfig } from './support/runs';
import { CLASSES } from './support/scenes';

const config = tinyConfig({ methods: [{ kind: 'lad' }], training: { augment: { scale: false } } });
const scalar = (value: { dataSync(): ArrayLike<number> }) => value.dataSync()[0]!;

/** Values of the label channel by image and class id (ignore last). */
function channelByClass(input: number[][][][], labels: Int32Array): number[][][] {
  const pixels = input[0]!.length * input[0]![0]!.length;
  return input.map((rows, n) => {
    const byClass: number[][] = Array.from({ length: CLASSES + 1 }, () => []);
    rows.flat().forEach((pixel, p) => {
      const label = labels[n * pixels + p]!;
      byClass[label < 0 ? CLASSES : label]!.push(pixel[3]!);
    });
    return byClass;
  });
}

test('teacher stage: task loss of both paths, and their consistency both ways', async () => {
  await oneStep(config, { stage: 'teacher' }, ({ ctx, outputs, terms }) => {
    const { engine, labels } = ctx;
    assert.deepEqual(
      outputs.map(({ view }) => view.id),
      ['path1', 'path2'],
    );
    const [one, two] = outputs.map(({ output }) => output) as [SegmenterOutput, SegmenterOutput];
    const ce = (logits: Tensor4D) => scalar(crossEntropy(engine, logits, labels));
    near(terms.task, ce(one.logits) + ce(two.logits));
    near(terms['task.aux'], 0.4 * (ce(one.aux[0]!.logits) + ce(two.aux[0]!.logits)));
    const d = (s: Tensor4D, t: Tensor4D) => scalar(cwd(engine, s, t, { temperature: 4 }));
    near(terms.consistency, 5 * (d(one.logits, two.logits) + d(two.logits, one.logits)));
    assert.ok(terms.consistency! > 0);
    assert.deepEqual(Object.keys(terms), ['task', 'task.aux', 'consistency']);
  });
});

test('teacher stage: image, and one random value per class, image and path with a little noise', async () => {
  await oneStep(config, { stage: 'teacher' }, ({ ctx, outputs }) => {
    const inputs = outputs.map(({ view }) => view.input.arraySync());
    const image = Array.from(ctx.batch.images);
    for (const input of inputs)
      assert.deepEqual(
        input.flat(2).flatMap((pixel) => pixel.slice(0, 3)),
        image,
      );
    const means: number[] = [];
    for (const input of inputs)
      for (const byClass of channelByClass(input, ctx.batch.labels))
        for (const values of byClass) {
          if (values.length < 20) continue;
          const mean = values.reduce((a, b) => a + b, 0) / values.length;
          const std = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
          assert.ok(std > 1.5 && std < 4.5, `pixel noise of std 3, found ${std}`);
          means.push(Math.round(mean));
        }
    // One value per class, image and path: were images or paths to share theirs, there would be half as many.
    assert.ok(means.length >= 12, `classes with pixels enough: ${means.length}`);
    assert.ok(new Set(means).size >= means.length - 2, `values of their own: ${means}`);
  });
});

test('student stage: channel-wise distillation from a teacher that sees the fixed codes', async () => {
  await oneStep(config, { stage: 'student' }, ({ ctx, outputs, terms }) => {
    const [{ view, output, teacher }] = outputs as [(typeof outputs)[0]];
    assert.equal(view.input.shape[3], 3);
    const channel = channelByClass(view.teacherInput!.arraySync(), ctx.batch.labels);
    for (const byClass of channel)
      byClass.forEach((values, k) => {
        for (const v of values)
          assert.ok(Math.abs(v - 10 * (k - (CLASSES + 1) / 2)) < 12, `class ${k}: ${v}`);
      });
    near(terms.cwd, 3 * scalar(cwd(ctx.engine, output.logits, teacher!.logits, { temperature: 4 })));
    near(terms.task, scalar(crossEntropy(ctx.engine, output.logits, ctx.labels)));
    assert.deepEqual(Object.keys(terms), ['task', 'task.aux', 'cwd']);
  });
});

test('student stage: random codes on request, another table for each image', async () => {
  const random = tinyConfig({ methods: [{ kind: 'lad', distill: { codes: 'random' } }] });
  await oneStep(random, { stage: 'student' }, ({ ctx, outputs }) => {
    const [first, second] = channelByClass(outputs[0]!.view.teacherInput!.arraySync(), ctx.batch.labels);
    const shared = first!.findIndex((values, k) => values.length > 20 && second![k]!.length > 20);
    assert.ok(Math.abs(first![shared]![0]! - second![shared]![0]!) > 15);
  });
});

test('pictures: the label channel of both paths, of the one view of the student stage', async () => {
  for (const [stage, names] of [
    ['teacher', ['noise', 'noise2']],
    ['student', ['noise']],
  ] as const)
    await oneStep(config, { stage }, ({ ctx, outputs, methods }) => {
      const layers = methods[0]!.diagnostics!(ctx, outputs);
      assert.deepEqual(
        layers.map(({ name }) => name),
        names,
      );
      outputs.forEach(({ view }, i) => {
        const input = (view.teacherInput ?? view.input).arraySync()[0]!;
        assert.deepEqual(
          Array.from(layers[i]!.data),
          input.flat().map((pixel) => pixel[3]),
        );
      });
    });
});
