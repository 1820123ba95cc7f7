import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scalar } from '@tensorflow/tfjs-core';
import { detailLosses, detailTarget } from '../../../src/distill/losses/detail';
import { ohem } from '../../../src/distill/losses/ohem';
import { reduceMap } from '../../../src/distill/losses/reduce-map';
import { deviationsOf } from '../../../src/distill/methods/registry';
import { ohemOptions } from '../../../src/distill/task-loss';
import { type ConfigInput, configSchema } from '../../../src/protocol/config';
import { near, oneStep } from './support/one-step';
import { tinyConfig } from './support/runs';

const stdc = { model: 'stdc', backbone: 'stdc1', width: 0.0625 } as const;
const value = (scalar: Scalar) => scalar.dataSync()[0]!;

test('STDC: hard pixels of three heads, boundaries by the detail head, each at its published weight', async () => {
  await oneStep(tinyConfig({ student: stdc }), { stage: 'student' }, ({ ctx, outputs, terms }) => {
    const [{ main, aux, output }] = outputs as [(typeof outputs)[0]];
    // 2 crops of 32 x 32.
    const options = { form: 'stdc', threshold: 0.7, minKept: 128 } as const;
    const expected: Record<string, number> = {};
    for (const [id, head] of [
      ['task', main],
      ['task.aux8', aux[0]!],
      ['task.aux16', aux[1]!],
    ] as const)
      expected[id] = value(ohem(ctx.engine, head.taskMap, ctx.labels, options));
    const shape: [number, number, number] = [2, 32, 32];
    const target = ctx.engine.tf.tensor3d(detailTarget(ctx.batch.labels, shape), shape, 'int32');
    const { bce, dice } = detailLosses(ctx.engine, output.aux[2]!.logits, target);
    expected['task.detail8.bce'] = value(bce);
    expected['task.detail8.dice'] = value(dice);
    assert.deepEqual(Object.keys(terms), Object.keys(expected));
    for (const [id, v] of Object.entries(expected)) near(terms[id], v);
    assert.ok(Math.abs(terms.task! - value(reduceMap(ctx.engine, main.taskMap, ctx.labels, 'valid'))) > 1e-3);
  });
});

test('weights and the mining of hard pixels are as the configuration says, where it says', async () => {
  const config = tinyConfig({
    student: stdc,
    training: { auxWeight: 0.5, detailWeight: 3, ohem: { form: 'none' } },
  });
  await oneStep(config, { stage: 'student' }, ({ ctx, outputs, terms }) => {
    const [{ main, aux, output }] = outputs as [(typeof outputs)[0]];
    const mean = (head: typeof main) => value(reduceMap(ctx.engine, head.taskMap, ctx.labels, 'valid'));
    near(terms.task, mean(main));
    near(terms['task.aux16'], 0.5 * mean(aux[1]!));
    const shape: [number, number, number] = [2, 32, 32];
    const target = ctx.engine.tf.tensor3d(detailTarget(ctx.batch.labels, shape), shape, 'int32');
    near(terms['task.detail8.bce'], 3 * value(detailLosses(ctx.engine, output.aux[2]!.logits, target).bce));
  });
});

test('OCRNet: the first head weighs 0.4, the second 1, both over all labelled pixels', async () => {
  const config = tinyConfig({
    student: { model: 'ocrnet', backbone: 'hrnetv2-w18-small', width: 0.0625 },
  });
  await oneStep(config, { stage: 'student' }, ({ ctx, outputs, terms }) => {
    const [{ main, aux }] = outputs as [(typeof outputs)[0]];
    assert.deepEqual(Object.keys(terms), ['task', 'task.coarse']);
    near(terms.task, value(reduceMap(ctx.engine, main.taskMap, ctx.labels, 'valid')));
    near(terms['task.coarse'], 0.4 * value(reduceMap(ctx.engine, aux[0]!.taskMap, ctx.labels, 'valid')));
  });
});

test('RDD weights the pixels of the student itself; its teacher mines hard ones', async () => {
  const config = tinyConfig({ student: stdc, methods: [{ kind: 'rdd', stages: 'tfe' }] });
  const published = { form: 'stdc', threshold: 0.7, minKept: 128 } as const;
  await oneStep(config, { stage: 'student' }, ({ ctx, outputs, terms }) => {
    const mined = value(ohem(ctx.engine, outputs[0]!.main.taskMap, ctx.labels, published));
    assert.ok(Math.abs(terms.task! - mined) > 1e-3);
  });
  await oneStep(config, { stage: 'teacher' }, ({ ctx, outputs, terms }) => {
    near(terms.task, value(ohem(ctx.engine, outputs[0]!.main.taskMap, ctx.labels, published)));
  });
});

test('a teacher of another resolution is compared at that of the student', async () => {
  const config = tinyConfig({
    student: stdc,
    teacher: { model: 'ocrnet', backbone: 'hrnetv2-w18-small', width: 0.0625 },
    methods: [{ kind: 'kd' }, { kind: 'cwd' }],
  });
  await oneStep(config, { stage: 'student' }, ({ outputs, terms }) => {
    assert.deepEqual(outputs[0]!.output.logits.shape, [2, 4, 4, 4]);
    assert.deepEqual(outputs[0]!.teacher!.logits.shape, [2, 8, 8, 4]);
    for (const id of ['kd', 'cwd']) assert.ok(terms[id]! > 0, `${id}: ${terms[id]}`);
  });
});

const parse = (input: Partial<ConfigInput>) => configSchema.parse({ dataset: { kind: 'sample' }, ...input });

test('at least a 16th of the batch is mined, or what the configuration says; each network as published', () => {
  const training = { batch: 4, crop: [64, 32] as [number, number] };
  const student = { model: 'stdc', backbone: 'stdc2' } as const;
  const stdcForm = { form: 'stdc', threshold: 0.7, minKept: 512 };
  assert.deepEqual(ohemOptions(parse({ student, training }), 'student'), stdcForm);
  const teacher = { model: 'deeplabv3' } as const;
  assert.equal(ohemOptions(parse({ student, teacher, training }), 'teacher'), undefined);
  const asked = parse({ training: { ...training, ohem: { form: 'mmseg', threshold: 0.5 } } });
  assert.deepEqual(ohemOptions(asked, 'student'), { form: 'mmseg', threshold: 0.5, minKept: 40_000 });
  const floor = parse({ student, training: { ...training, ohem: { minKept: 7 } } });
  assert.equal(ohemOptions(floor, 'student')?.minKept, 28);
  const none = parse({ student, training: { ...training, ohem: { form: 'none' } } });
  assert.equal(ohemOptions(none, 'student'), undefined);
});

test('what is not as published is told', () => {
  const student = { model: 'stdc', backbone: 'stdc1' } as const;
  const published = deviationsOf(parse({ student }));
  assert.ok(published.some((text) => text.startsWith('STDC: the published training warms')));
  assert.ok(!published.some((text) => /hard pixels|weighs/.test(text)));
  const changed = deviationsOf(
    parse({ student, training: { auxWeight: 0.4, detailWeight: 0.5, ohem: { form: 'none' } } }),
  );
  for (const words of [
    'The student is trained with the mean loss of all labelled pixels; stdc was published on the hard pixels as STDC-Seg mines them.',
    'The head aux16 of the student weighs 0.4; stdc was published with 1.',
    'The head detail8 of the student weighs 0.5; stdc was published with 1.',
  ])
    assert.ok(changed.includes(words), `${words} in ${changed.join('\n')}`);
});
