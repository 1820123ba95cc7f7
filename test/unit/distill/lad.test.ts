import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { attentionTransfer } from '../../../src/distill/losses/attention-transfer';
import { crossEntropy } from '../../../src/distill/losses/cross-entropy';
import { cwd } from '../../../src/distill/losses/cwd';
import { dist } from '../../../src/distill/losses/dist';
import { kd } from '../../../src/distill/losses/kd';
import { pixelKl } from '../../../src/distill/losses/pixel-kl';
import type { Engine } from '../../../src/engine/engine';
import type { SegmenterOutput } from '../../../src/nn/segmenter';
import type { ConfigInput } from '../../../src/protocol/config';
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

const withLad = (options: object, ...others: NonNullable<ConfigInput['methods']>) =>
  tinyConfig({ methods: [{ kind: 'lad', ...options }, ...others], training: { augment: { scale: false } } });

test('ablations of the teacher: no class noise, no pixel noise, ignored pixels at 0, a single path', async () => {
  const fixed = { noise: { codes: 'fixed', pixelStd: 0, ignore: 'zero' } };
  await oneStep(withLad(fixed), { stage: 'teacher' }, ({ ctx, outputs }) => {
    assert.equal(outputs.length, 2);
    for (const { view } of outputs)
      for (const byClass of channelByClass(view.input.arraySync(), ctx.batch.labels))
        byClass.forEach((values, k) => {
          const expected = k === CLASSES ? 0 : 10 * (k - (CLASSES + 1) / 2);
          for (const v of values) assert.ok(Math.abs(v - expected) < 1e-4, `class ${k}: ${v}`);
        });
  });
  await oneStep(withLad({ paths: 1 }), { stage: 'teacher' }, ({ ctx, outputs, terms }) => {
    assert.deepEqual(Object.keys(terms), ['task', 'task.aux']);
    near(terms.task, scalar(crossEntropy(ctx.engine, outputs[0]!.output.logits, ctx.labels)));
  });
});

test('the consistency is the distance that is asked for, one way or both', async () => {
  const options = { distance: 'kl', temperature: 2, weight: 3, symmetric: false } as const;
  await oneStep(withLad({ consistency: options }), { stage: 'teacher' }, ({ ctx, outputs, terms }) => {
    const [one, two] = outputs.map(({ output }) => output.logits) as [Tensor4D, Tensor4D];
    near(terms.consistency, 3 * scalar(kd(ctx.engine, one, two, { temperature: 2 })));
  });
});

test('each stage has the weight of auxiliary heads that LAD gives it', async () => {
  const options = { teacher: { auxWeight: 0.3 }, student: { auxWeight: 0.02 } };
  for (const [stage, weight] of [
    ['teacher', 0.3],
    ['student', 0.02],
  ] as const)
    await oneStep(withLad(options), { stage }, ({ ctx, outputs, terms }) => {
      const aux = outputs.map(({ output }) =>
        scalar(crossEntropy(ctx.engine, output.aux[0]!.logits, ctx.labels)),
      );
      near(terms['task.aux'], weight * aux.reduce((a, b) => a + b));
    });
});

test('the teacher that sees the label teaches by the loss of choice, and by any other method', async () => {
  for (const [loss, id, expected] of [
    ['kd', 'kd', (e, s, t) => kd(e, s, t, { temperature: 1 })],
    ['pixel-kl', 'pixel-kl', (e, s, t) => pixelKl(e, s, t, { temperature: 4 })],
    ['dist', 'dist', (e, s, t) => dist(e, s, t, { inter: 1, intra: 1, temperature: 1 })],
  ] as [string, string, (e: Engine, s: Tensor4D, t: Tensor4D) => Scalar][])
    await oneStep(withLad({ student: { loss } }), { stage: 'student' }, ({ ctx, outputs, terms }) => {
      const [{ output, teacher }] = outputs as [(typeof outputs)[0]];
      near(terms[id], scalar(expected(ctx.engine, output.logits, teacher!.logits)));
      assert.deepEqual(Object.keys(terms), ['task', 'task.aux', id]);
    });
  const others = [
    { kind: 'kd' },
    { kind: 'at' },
    { kind: 'cirkd', memory: { pixels: 99, regions: 9 } },
  ] as const;
  await oneStep(
    withLad({ student: { loss: 'none' } }, ...others),
    { stage: 'student' },
    ({ ctx, outputs, terms }) => {
      const [{ view, output, teacher }] = outputs as [(typeof outputs)[0]];
      assert.equal(view.teacherInput!.shape[3], 4);
      near(terms.kd, scalar(kd(ctx.engine, output.logits, teacher!.logits, { temperature: 1 })));
      near(terms.at, 10000 * scalar(attentionTransfer(ctx.engine, output.features, teacher!.features)));
      assert.ok(
        terms['cirkd.batch']! > 0 && terms['cirkd.memory.pixel']! > 0 && terms['cirkd.memory.region']! > 0,
      );
      assert.equal(terms.cwd, undefined);
    },
  );
});
