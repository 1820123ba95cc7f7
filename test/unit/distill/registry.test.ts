import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMethods, deviationsOf } from '../../../src/distill/methods/registry';
import { planStages } from '../../../src/distill/stages';
import { configSchema } from '../../../src/protocol/config';
import { tinyConfig } from './support/runs';

test('two methods that claim the same thing are refused before anything runs', () => {
  for (const [kind, words] of [
    ['rdd', /methods\[2\]: "rdd" and "rdd" \(methods\[0\]\) both want to decide how the pixels/],
    ['lad', /both want to decide what the teacher sees/],
  ] as const)
    assert.throws(() => createMethods(tinyConfig({ methods: [{ kind }, { kind: 'kd' }, { kind }] }), 4), {
      code: 'config-invalid',
      message: words,
    });
  const all = tinyConfig({ methods: [{ kind: 'lad' }, { kind: 'rdd' }, { kind: 'kd' }, { kind: 'cwd' }] });
  assert.deepEqual(
    createMethods(all, 4).map(({ id }) => id),
    ['lad', 'rdd', 'kd', 'cwd'],
  );
});

test('stages: a baseline and a given teacher need the student stage only', () => {
  const stages = (input: Parameters<typeof tinyConfig>[0]) =>
    planStages(tinyConfig(input)).map(({ stage, iterations }) => [stage, iterations]);
  const methods = [{ kind: 'kd' as const }];
  assert.deepEqual(stages({}), [['student', 4]]);
  assert.deepEqual(stages({ methods }), [
    ['teacher', 4],
    ['student', 4],
  ]);
  assert.deepEqual(stages({ methods, training: { teacherIterations: 9 } }), [
    ['teacher', 9],
    ['student', 4],
  ]);
  assert.deepEqual(stages({ methods, teacher: { checkpoint: 'teacher.safetensors' } }), [['student', 4]]);
});

test('deviations are told in words, and a run as published has none of the training', () => {
  const published = configSchema.parse({
    dataset: { kind: 'camvid', root: 'x' },
    student: { checkpoint: 'imagenet.safetensors' },
  });
  assert.deepEqual(deviationsOf(published), []);

  const told = deviationsOf(
    configSchema.parse({
      dataset: { kind: 'camvid', root: 'x' },
      student: { width: 0.5 },
      methods: [{ kind: 'rdd', tse: { mode: 'or', confidence: 'max' } }, { kind: 'lad' }],
      training: { batch: 4, crop: [96, 96] },
    }),
  );
  for (const words of [
    'training.batch is 4; published results have 16.',
    'The student has 0.5 of the published channel counts.',
    'The teacher starts from random weights; published networks start from ImageNet weights.',
    'RDD: tse.mode is or; the released code has xor.',
    'RDD: tse.confidence is max; the released code has label.',
    'RDD: the teacher is deeplabv3-resnet18; published results have deeplabv3-resnet101.',
  ])
    assert.ok(told.includes(words), `${words} in ${told.join('\n')}`);
  assert.ok(told.some((text) => /RDD: at least 1758 pixels .* 36864 pixels per batch/.test(text)));
  assert.ok(told.some((text) => text.startsWith('LAD: the student takes the image alone')));

  const paper = deviationsOf(tinyConfig({ methods: [{ kind: 'rdd', fidelity: 'paper' }] }));
  assert.ok(paper.includes('RDD: weight decay is 0.0001; the paper has 0.0005.'));
});
