import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRdd } from '../../../src/distill/methods/rdd-options';
import { createMethods, deviationsOf } from '../../../src/distill/methods/registry';
import { planStages } from '../../../src/distill/stages';
import { type ConfigInput, configSchema, type RddConfig } from '../../../src/protocol/config';
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
    'training.batch is 4; published results on CamVid have 16.',
    'training.crop is 96 x 96; published results on CamVid have 360 x 360.',
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

test('schedules are those of the dataset, and other methods tell what they differ in', () => {
  const ade = configSchema.parse({
    dataset: { kind: 'ade20k', root: 'x' },
    student: { checkpoint: 'imagenet.safetensors' },
    teacher: { backbone: 'resnet101', checkpoint: 'teacher.safetensors' },
    methods: [
      { kind: 'kd' },
      { kind: 'at' },
      { kind: 'cirkd', batch: { group: 2 }, memory: { keys: 'first' } },
    ],
  });
  assert.deepEqual(deviationsOf(ade), [], 'defaults are those of the dataset');
  const short = { ...ade, training: { ...ade.training, iterations: 40000 } };
  assert.deepEqual(deviationsOf(short), [
    'training.iterations is 40000; published results on ADE20K have 80000.',
  ]);
  const told = (...methods: NonNullable<ConfigInput['methods']>) =>
    deviationsOf(tinyConfig({ methods })).filter((text) =>
      /^(The teacher is|[A-Z]+(, \w+)?:|FitNet|Adv)/.test(text),
    );
  assert.deepEqual(told({ kind: 'at', weight: 5 }), [
    'The teacher is deeplabv3-resnet18; published results of at have deeplabv3-resnet101.',
    'AT: weight is 5; the script of CIRKD has 10000.',
    'AT: alone; the scripts of CIRKD add plain KD with weight 1 ({ "kind": "kd" }).',
  ]);
  for (const [method, words] of [
    [{ kind: 'ifvd' }, /IFVD: without a discriminator; .* 0\.001/],
    [{ kind: 'skd' }, /SKD: the discriminator learns by the hinge loss.*WGAN-GP/],
    [{ kind: 'fitnet', adapterLr: 2 }, /FitNet: adapterLr is 2; .* has 1/],
    [{ kind: 'cirkd' }, /CIRKD: the memory keeps pixels of each class; the released code/],
    [{ kind: 'cirkd', memory: { pixelWeight: 1 } }, /CIRKD: memory\.pixelWeight is 1; .* has 0\.1/],
    [{ kind: 'rdd', kd: { direction: 'student-teacher' } }, /RDD: kd\.direction is student-teacher/],
    [{ kind: 'rdd', fidelity: 'paper' }, /RDD: the KD term is KL\(teacher \|\| student\)/],
    [{ kind: 'lad', paths: 1 }, /LAD: paths is 1; the released code has 2/],
    [{ kind: 'lad', student: { loss: 'dist' } }, /LAD: the teacher teaches by dist/],
    [{ kind: 'dist', intra: 2 }, /DIST: intra is 2/],
    [{ kind: 'dsd', pixelWeight: 2 }, /DSD: pixelWeight is 2/],
    [{ kind: 'cwd' }, /CWD: on is logits; the script of CIRKD has both/],
    [{ kind: 'adversarial', lastKernel: 1 }, /Adversarial: lastKernel is 1/],
    [{ kind: 'kd', temperature: 4 }, /KD: temperature is 4; the script of CIRKD has 1/],
  ] as [NonNullable<ConfigInput['methods']>[number], RegExp][])
    assert.ok(
      told(method).some((text) => words.test(text)),
      `${words} in ${told(method).join('\n')}`,
    );
});

test('RDD brings no KD beside DSD, and in the paper none beside AT', () => {
  const kd = (kind: 'at' | 'dsd' | 'cwd', rdd: object = {}) =>
    deviationsOf(tinyConfig({ methods: [{ kind: 'rdd', ...rdd }, { kind }] })).filter((text) =>
      text.includes('kd.weight'),
    );
  assert.deepEqual(kd('dsd'), ['RDD: kd.weight is 1; beside DSD the released code has no KD.']);
  assert.deepEqual(kd('dsd', { kd: { weight: 0 } }), []);
  assert.deepEqual(kd('at'), []);
  assert.deepEqual(kd('at', { fidelity: 'paper' }), ['RDD: kd.weight is 1; beside AT the paper has no KD.']);
  assert.deepEqual(kd('cwd', { kd: { weight: 2 } }), ['RDD: kd.weight is 2; the released code has 1.']);
});

test('weights and tables are those of the dataset', () => {
  const deviates = (kind: 'voc' | 'camvid') => {
    const methods = [{ kind: 'cirkd', memory: { pixelWeight: 0.01 } }];
    const config = configSchema.parse({ dataset: { kind, root: 'x' }, methods });
    return deviationsOf(config).some((text) => text.includes('memory.pixelWeight'));
  };
  assert.equal(deviates('voc'), false);
  assert.equal(deviates('camvid'), true);
  const classWeights = (kind: 'cityscapes' | 'camvid', classes: number, rdd: object = {}) => {
    const config = configSchema.parse({ dataset: { kind, root: 'x' }, methods: [{ kind: 'rdd', ...rdd }] });
    return resolveRdd(config.methods[0] as RddConfig, config, classes).tse.classWeights;
  };
  assert.equal(classWeights('cityscapes', 19)?.length, 19);
  assert.equal(classWeights('cityscapes', 19, { fidelity: 'paper' }), undefined);
  assert.equal(classWeights('camvid', 11), undefined);
});
