import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dataset } from '../../../src/data/dataset';
import { openDataset } from '../../../src/data/open';
import type { TrainerEvent } from '../../../src/distill/host';
import { RandomStream } from '../../../src/engine/random';
import { bytesInMemory } from '../../../src/nn/weights/byte-source';
import {
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  toFloat32,
} from '../../../src/nn/weights/safetensors';
import { DistillError } from '../../../src/protocol/errors';
import { runEventSchema } from '../../../src/protocol/events';
import { smallFolderDataset } from '../data/files';
import { engine, lastState, record, stepsOf, tinyConfig } from './support/runs';
import { CLASSES, sceneDataset } from './support/scenes';

/** Weights of a checkpoint, as a configuration gives them under "checkpoint". */
const whole = (bytes: Uint8Array) => ({ file: openSafetensors(bytesInMemory(bytes, 'given')), whole: true });
const none = { scale: false, flip: false };

test('a baseline learns one image by heart', async () => {
  const run = await record(
    tinyConfig({
      student: { width: 0.125 },
      training: { iterations: 40, crop: [40, 40], augment: none, lr: 0.05 },
    }),
    { dataset: sceneDataset({ train: 1, val: 1 }) },
  );
  const losses = stepsOf(run).map(({ terms }) => terms.task!);
  assert.ok(losses.at(-1)! < losses[0]! / 3, `${losses[0]} to ${losses.at(-1)}`);
});

test('every step, evaluation and stage is told in a form the journal takes', async () => {
  const run = await record(
    tinyConfig({ methods: [{ kind: 'rdd' }], training: { evaluateEvery: 3, teacherIterations: 2 } }),
  );
  for (const event of run.events) runEventSchema.parse({ ...event, at: 0 });
  const seen = run.events.map((e) => (e.kind === 'stage' ? e.stage : e.kind === 'step' ? e.step : e.kind));
  assert.deepEqual(seen, ['teacher', 1, 2, 'evaluation', 'student', 1, 2, 3, 'evaluation', 4, 'evaluation']);
  for (const { loss, terms, lr, etaMs } of stepsOf(run)) {
    const sum = Object.values(terms).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - loss) < 1e-5 * Math.abs(loss) + 1e-7);
    assert.ok(lr > 0 && etaMs! >= 0);
  }
  const evaluations = run.events.filter((e) => e.kind === 'evaluation');
  for (const { images, confusion, role } of evaluations) {
    assert.equal(images, 2);
    assert.equal(confusion!.length, CLASSES ** 2);
    // Two images of 40 x 40 with a strip of two ignored rows each.
    assert.equal(
      confusion!.reduce((a, b) => a + b, 0),
      2 * 38 * 40,
    );
    assert.ok(role === 'teacher' || role === 'student');
  }
});

test('the teacher teaches but does not learn', async () => {
  const run = await record(
    tinyConfig({
      methods: [{ kind: 'rdd', warmup: 0.5 }, { kind: 'cwd' }],
      training: { teacherIterations: 2 },
    }),
  );
  const [taught, end] = [run.checkpoints[0]!, run.checkpoints.at(-1)!];
  assert.equal(taught.stage, 'teacher');
  assert.equal(end.stage, 'student');
  assert.deepEqual(end.files['teacher.safetensors'], taught.files['teacher.safetensors']);
  assert.notDeepEqual(end.files['student.safetensors'], taught.files['teacher.safetensors']);
});

test('a given teacher skips its stage and is scored once, as it came', async () => {
  const methods = [{ kind: 'lad' as const }];
  const trained = await record(tinyConfig({ methods, training: { iterations: 2 } }));
  const teacher = trained.checkpoints[0]!.files['teacher.safetensors']!;
  const given = tinyConfig({
    methods,
    teacher: { width: 0.0625, checkpoint: 'teacher.safetensors' },
    training: { iterations: 2 },
  });
  const run = await record(given, { initial: { teacher: whole(teacher) } });
  const kinds = run.events.map((e) => (e.kind === 'evaluation' ? `${e.role} at ${e.step}` : e.kind));
  assert.deepEqual(kinds, ['weights', 'stage', 'teacher at 0', 'step', 'step', 'student at 2']);
  const score = (r: typeof run) => r.events.find((e) => e.kind === 'evaluation' && e.role === 'teacher');
  assert.equal((score(run) as { miou: number }).miou, (score(trained) as { miou: number }).miou);
  assert.equal(lastState(run)['student.safetensors'], lastState(trained)['student.safetensors']);

  await assert.rejects(record(given), { code: 'checkpoint-missing' });
});

test('a training pass moves the running statistics and draws dropout masks', async () => {
  const { checkpoints } = await record(tinyConfig({ training: { iterations: 1 } }));
  const { files } = checkpoints[0]!;
  const { tensors } = decodeSafetensors(files['student.safetensors']!, 'test');
  for (const name of ['pretrained.bn1.running_mean', 'auxlayer.block.1.running_mean'])
    assert.ok(toFloat32(name, tensors.get(name)!, 'test').some((v) => v !== 0));
  const { random } = JSON.parse(new TextDecoder().decode(files['state.json']));
  assert.notDeepEqual(random['dropout/student'], RandomStream.seeded(1, 'dropout/student').state());
});

test('the student starts from the weights it is given', async () => {
  const first = await record(tinyConfig({ training: { iterations: 1 } }));
  const student = first.checkpoints[0]!.files['student.safetensors']!;
  const config = tinyConfig({
    student: { width: 0.0625, checkpoint: 'student.safetensors' },
    training: { iterations: 1, lr: 1e-12, weightDecay: 0 },
  });
  const second = await record(config, { initial: { student: whole(student) } });
  const weights = (bytes: Uint8Array) => {
    const tensor = decodeSafetensors(bytes, 'test').tensors.get('head.block.4.weight')!;
    return toFloat32('head.block.4.weight', tensor, 'test');
  };
  assert.deepEqual(weights(second.checkpoints[0]!.files['student.safetensors']!), weights(student));
});

test('a beginning that fits in part: what fits is taken, the rest drawn, and the journal lists it all', async () => {
  const first = await record(tinyConfig({ training: { iterations: 1 } }));
  const saved = decodeSafetensors(first.checkpoints[0]!.files['student.safetensors']!, 'test');
  saved.metadata = {};
  const name = 'pretrained.layer1.0.conv1.weight';
  saved.tensors.delete('head.block.4.weight');
  saved.tensors.set('fc.weight', saved.tensors.get('head.block.4.bias')!);
  const file = openSafetensors(bytesInMemory(encodeSafetensors(saved), 'begin.safetensors'));
  const run = await record(
    tinyConfig({
      student: { width: 0.0625, init: 'begin.safetensors' },
      training: { iterations: 1, lr: 1e-12, weightDecay: 0 },
    }),
    { initial: { student: { file, whole: false } } },
  );
  const { tensors } = decodeSafetensors(run.checkpoints[0]!.files['student.safetensors']!, 'test');
  assert.deepEqual(tensors.get(name)!.bytes, saved.tensors.get(name)!.bytes);
  const event = run.events.find((e) => e.kind === 'weights')!;
  assert.ok(event.kind === 'weights');
  runEventSchema.parse({ ...event, at: 0 });
  assert.deepEqual(
    event.missing.map((line) => line.name),
    ['head.block.4.weight'],
  );
  assert.deepEqual(
    event.unexpected.map((line) => line.name),
    ['fc.weight'],
  );
  assert.equal(event.loaded.length, saved.tensors.size - 1);
});

test('pictures: image, label and predictions of one validation sample, before the first step, on time and at the end', async () => {
  const run = await record(tinyConfig({ methods: [{ kind: 'kd' }], training: { sampleEvery: 3 } }));
  const first = run.samples.filter(({ id }) => id === run.samples[0]!.id);
  const at = first.map(({ stage, step }) => `${stage} ${step}`);
  assert.deepEqual(
    at,
    ['teacher', 'student'].flatMap((stage) => [`${stage} 0`, `${stage} 3`, `${stage} 4`]),
  );
  const sample = await sceneDataset().load('val', 0);
  const { id, layers } = run.samples.at(-1)!;
  assert.equal(id, sample.id);
  const others = run.samples.filter((other) => other.id !== id);
  assert.ok(others.length > 0, 'and the images that an evaluation saw worst');
  const evaluation = run.events.findLast((event) => event.kind === 'evaluation');
  if (evaluation?.kind !== 'evaluation') throw new Error('There was no evaluation.');
  const worst = evaluation.worst!;
  assert.deepEqual(
    worst.map(({ miou }) => miou),
    worst.map(({ miou }) => miou).sort((a, b) => a - b),
  );
  assert.deepEqual(
    others
      .filter(({ stage, step }) => stage === evaluation.stage && step === evaluation.step)
      .map((o) => o.id),
    worst
      .slice(0, 3)
      .map((image) => image.id)
      .filter((image) => image !== id),
  );
  const [image, label, teacher, student] = layers;
  assert.deepEqual(
    [image, label, teacher, student].map((layer) => layer!.name),
    ['image', 'label', 'teacher', 'student'],
  );
  assert.deepEqual(image!.data, sample.image.data);
  assert.deepEqual(
    Array.from(label!.data),
    Array.from(sample.label.data, (v) => (v < 0 ? 255 : v)),
  );
  for (const { data } of [teacher!, student!])
    assert.ok(data.length === 1600 && data.every((v) => v < CLASSES));
});

test('the best weights are handed out when the validation mIoU rises, and only then', async () => {
  const run = await record(tinyConfig({ training: { iterations: 8, evaluateEvery: 1, lr: 0.05 } }));
  let best = -1;
  const expected: number[] = [];
  for (const event of run.events)
    if (event.kind === 'evaluation' && event.miou > best) {
      best = event.miou;
      expected.push(event.step);
    }
  assert.ok(expected.length > 1 && expected.length < 8, `rises at ${expected}`);
  assert.deepEqual(
    run.best.map(({ step }) => step),
    expected,
  );
});

test('tensors do not pile up over steps, evaluations and pictures', async () => {
  const { tf } = await engine();
  const before = tf.memory().numTensors;
  const counts = { teacher: new Set<number>(), student: new Set<number>() };
  const onEvent = (event: TrainerEvent) => {
    if (event.kind === 'step') counts[event.stage].add(tf.memory().numTensors);
  };
  await record(
    tinyConfig({
      methods: [{ kind: 'lad' }, { kind: 'rdd', warmup: 0.5 }],
      training: { evaluateEvery: 2, sampleEvery: 2, checkpointEvery: 2 },
    }),
    { onEvent },
  );
  for (const [stage, values] of Object.entries(counts))
    assert.equal(values.size, 1, `${stage}: ${[...values]}`);
  assert.equal(tf.memory().numTensors, before);
});

test('a batch without a labelled pixel costs nothing and harms nothing', async () => {
  const dataset = sceneDataset({ edit: ({ label }) => void label.data.fill(-1) });
  const run = await record(
    tinyConfig({ methods: [{ kind: 'lad' }, { kind: 'rdd', warmup: 0.5 }], training: { iterations: 4 } }),
    { dataset },
  );
  assert.equal(run.outcome, 'finished');
  for (const { terms } of stepsOf(run)) assert.deepEqual([terms.task, terms['task.aux']], [0, 0]);
});

test('a term that is not finite stops the run, names the samples and leaves the last good checkpoint', async () => {
  const recorded = { events: [], checkpoints: [], samples: [], best: [] };
  const config = tinyConfig({
    methods: [{ kind: 'kd', weight: 1e39 }],
    training: { iterations: 2, teacherIterations: 1 },
  });
  const problem = record(config, { recorded });
  await assert.rejects(problem, (error) => {
    assert.ok(error instanceof DistillError && error.code === 'numeric');
    assert.match(error.message, /"kd" became Infinity at step 1 of the student stage.*train-\d, train-\d/);
    return true;
  });
  assert.deepEqual(
    recorded.checkpoints.map(({ stage, step }) => [stage, step]),
    [['teacher', 1]],
  );
});

test('the samples of a term that is not finite are named by their files, where there are files', async () => {
  const root = smallFolderDataset();
  const dataset = await openDataset({ kind: 'folder', root, onProblem: 'stop' }, '/');
  const config = tinyConfig({ methods: [{ kind: 'kd', weight: 1e39 }], training: { teacherIterations: 1 } });
  await assert.rejects(record(config, { dataset }), (error) => {
    assert.ok(error instanceof DistillError && error.code === 'numeric');
    const named = /on the samples (\S+), (\S+)\. The/.exec(error.message)?.slice(1) ?? [];
    assert.equal(named.length, 2);
    for (const file of named) assert.match(file.replace(root, ''), /^\/images\/train\/[abc]\.png$/);
    return true;
  });
});

test('weights that are no longer finite are not saved', async () => {
  const recorded = { events: [], checkpoints: [], samples: [], best: [] };
  const config = tinyConfig({ training: { iterations: 3, checkpointEvery: 1, lr: 1e39 } });
  await assert.rejects(record(config, { recorded }), { code: 'numeric' });
  assert.deepEqual(recorded.checkpoints, []);
});

test('samples that are left out are told of once', async () => {
  const dataset = sceneDataset({ train: 3 });
  const skipped: { id: string; reason: string }[] = [];
  const broken: Dataset = {
    ...dataset,
    skipped,
    load: async (split, index) => {
      if (split === 'val' || index > 0) return dataset.load(split, index);
      throw new DistillError('image-unreadable', 'cut off.', { remedy: 'Copy it again.' });
    },
    leavesOut: (split, index) => split === 'train' && index === 0 && skipped.length > 0,
    leaveOut: (_split, _index, error) => {
      if (skipped.length === 0) skipped.push({ id: 'train/train-0', reason: error.what });
      return true;
    },
  };
  const run = await record(tinyConfig({ training: { iterations: 6 } }), { dataset: broken });
  const warnings = run.events.filter((event) => event.kind === 'warning');
  assert.deepEqual(warnings, [
    {
      kind: 'warning',
      message: 'Left out 1 sample of the dataset (1 in all). train/train-0: cut off.',
      leftOut: ['train/train-0'],
    },
  ]);
});
