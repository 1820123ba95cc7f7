import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSafetensors, toFloat32 } from '../../../src/nn/weights/safetensors';
import type { ConfigInput } from '../../../src/protocol/config';
import { engine, journal, lastState, type Recorded, record, stepsOf, tinyConfig } from './support/runs';
import { sceneDataset } from './support/scenes';

/** Methods with weights, optimisers, memories and random draws of their own. */
const methods: Record<string, NonNullable<ConfigInput['methods']>> = {
  'CIRKD with its memories': [
    {
      kind: 'cirkd',
      // Rings that go round several times, and take less than all of a class.
      memory: { pixels: 50, regions: 5, pixelContrast: 40, regionContrast: 8, pixelsPerImage: 6 },
    },
    { kind: 'cwd', on: 'features' },
  ],
  'SKD with its discriminator, and FitNet': [
    { kind: 'skd', adversarial: { lastKernel: 1 } },
    { kind: 'fitnet', adapterLr: 2 },
  ],
};
const config = (name: string) => {
  // The discriminator needs logits of 16 x 16.
  const skd = name.startsWith('SKD');
  return tinyConfig({
    methods: methods[name]!,
    // Wider, so that there is something to adapt to; FitNet has its convolution anyway.
    ...(skd ? {} : { teacher: { width: 0.125 } }),
    training: { iterations: skd ? 2 : 3, teacherIterations: 1, crop: skd ? [128, 128] : [32, 32] },
  });
};

/** Runs that more than one test looks at. */
const runs = new Map<string, Promise<Recorded>>();
function run(name: string, stopAfter?: number): Promise<Recorded> {
  const key = `${name} ${stopAfter}`;
  if (!runs.has(key)) runs.set(key, record(config(name), stopAfter === undefined ? {} : { stopAfter }));
  return runs.get(key)!;
}

function tensorsOf({ checkpoints }: Recorded, file: string): Map<string, Float32Array> {
  const { tensors } = decodeSafetensors(checkpoints.at(-1)!.files[file]!, file);
  return new Map([...tensors].map(([name, tensor]) => [name, toFloat32(name, tensor, file)]));
}
const withoutStage = (recorded: Recorded) =>
  journal(recorded).filter((event) => (event as { kind: string }).kind !== 'stage');

for (const name of Object.keys(methods))
  test(`${name}: repeats bit for bit, and goes on from a checkpoint as if nothing had happened`, async () => {
    const whole = await run(name);
    const { tf } = await engine();
    const before = tf.memory().numTensors;
    assert.deepEqual(journal(await record(config(name))), journal(whole));
    assert.equal(tf.memory().numTensors, before, 'a run leaves nothing behind');
    for (const after of name.startsWith('SKD') ? [2] : [1, 3]) {
      const first = await run(name, after);
      assert.equal(first.outcome, 'stopped');
      const rest = await record(config(name), { resumeFrom: first.checkpoints.at(-1)! });
      assert.deepEqual(lastState(rest), lastState(whole));
      const events = withoutStage(rest);
      assert.deepEqual(events, withoutStage(whole).slice(-events.length));
    }
  });

test('what methods train is in checkpoints, learns, and stays out of the networks', async () => {
  const name = 'SKD with its discriminator, and FitNet';
  const whole = await run(name);
  const [early, late] = [await run(name, 2), whole].map((r) => tensorsOf(r, 'methods.safetensors')) as [
    Map<string, Float32Array>,
    Map<string, Float32Array>,
  ];
  assert.deepEqual([...early.keys()], [...late.keys()]);
  for (const moving of [
    'fitnet/conv.weight',
    'fitnet/velocity/conv.weight',
    'skd/block1.weight',
    'skd/block4.u',
    'skd/attention4.gamma',
    'skd/adam/last.weight/second',
  ])
    assert.notDeepEqual(late.get(moving)!, early.get(moving)!, moving);
  const plain = await record(tinyConfig({ training: { iterations: 1 } }));
  assert.deepEqual(
    [...tensorsOf(whole, 'student.safetensors').keys()],
    [...tensorsOf(plain, 'student.safetensors').keys()],
  );
  assert.equal(plain.checkpoints[0]!.files['methods.safetensors'], undefined);
  for (const { watched } of stepsOf(whole).slice(1)) assert.ok(watched!['adversarial.discriminator']! > 0);
});

test('an adapter learns at its own rate', async () => {
  const change = async (adapterLr: number) => {
    const fitnet = { kind: 'fitnet' as const, adapterLr };
    const steps = { iterations: 1, teacherIterations: 1, weightDecay: 0 };
    const trained = await record(
      tinyConfig({ methods: [fitnet], teacher: { width: 0.125 }, training: steps }),
    );
    // After one step the velocity is the gradient, and the weight has moved by the rate times it.
    const tensors = tensorsOf(trained, 'methods.safetensors');
    return {
      weight: tensors.get('fitnet/conv.weight')!,
      gradient: tensors.get('fitnet/velocity/conv.weight')!,
    };
  };
  const [one, three] = [await change(1), await change(3)];
  assert.deepEqual(three.gradient, one.gradient);
  const lr = tinyConfig().training.lr;
  one.weight.forEach((w, i) => {
    const moved = w - three.weight[i]!;
    assert.ok(Math.abs(moved - 2 * lr * one.gradient[i]!) < 1e-6);
  });
});

test('a checkpoint without what the methods keep is refused', async () => {
  const name = 'CIRKD with its memories';
  const { checkpoints } = await run(name, 3);
  const checkpoint = checkpoints.at(-1)!;
  const { 'methods.safetensors': _gone, ...files } = checkpoint.files;
  await assert.rejects(record(config(name), { resumeFrom: { ...checkpoint, files } }), {
    code: 'checkpoint-broken',
    message: /student-2, methods\.safetensors: The file is missing/,
  });
  const smaller = tinyConfig({
    methods: [
      { kind: 'cirkd', memory: { pixels: 20, regions: 5 } },
      { kind: 'cwd', on: 'features' },
    ],
    teacher: { width: 0.125 },
    training: { iterations: 3, teacherIterations: 1 },
  });
  await assert.rejects(record(smaller, { resumeFrom: checkpoint }), {
    code: 'checkpoint-mismatch',
    message: /methods\.safetensors: "cirkd\/memory\.pixels", which a method keeps, is missing or misshapen/,
  });
});

const everything = tinyConfig({
  methods: [
    { kind: 'lad' },
    { kind: 'rdd', warmup: 0.5 },
    ...(['cwd', 'ifvd', 'at', 'fitnet', 'dsd', 'dist'] as const).map((kind) => ({ kind })),
    { kind: 'cirkd', memory: { pixels: 50, regions: 5 } },
  ],
  training: { iterations: 4, teacherIterations: 1 },
});

test('a batch of ignored pixels is learnt from without harm, by all methods at once', async () => {
  const dataset = sceneDataset({ edit: ({ label }) => label.data.fill(-1) });
  const { events } = await record(everything, { dataset });
  for (const { stage, terms } of stepsOf({ events })) {
    assert.equal(terms.task, 0);
    if (stage === 'student')
      for (const id of ['ifvd', 'cirkd.memory.pixel', 'cirkd.memory.region']) assert.equal(terms[id], 0);
  }
});

test('two classes, of which one may be absent, are enough for all methods at once', async () => {
  const upTo = (last: number) =>
    sceneDataset({
      edit: ({ label }) => {
        for (const [i, id] of label.data.entries()) label.data[i] = Math.min(id, last);
      },
    });
  for (const dataset of [upTo(1), upTo(0)]) {
    const run = await record(everything, { dataset: { ...dataset, classes: dataset.classes.slice(0, 2) } });
    assert.equal(run.outcome, 'finished');
    assert.equal(stepsOf(run).length, 5);
  }
});

test('a discriminator that is no longer finite ends the run, and no checkpoint has it', async () => {
  const recorded = { events: [], checkpoints: [] as Recorded['checkpoints'], samples: [], best: [] };
  const broken = tinyConfig({
    methods: [{ kind: 'adversarial', lastKernel: 1, lr: 1e38, discriminatorWeight: 10 }],
    training: { iterations: 3, teacherIterations: 1, checkpointEvery: 1, crop: [128, 128] },
  });
  await assert.rejects(record(broken, { recorded }), {
    code: 'numeric',
    message: /"adversarial(\/[\w./]+|\.discriminator)?"/,
  });
  assert.ok(recorded.checkpoints.every(({ stage, step }) => stage === 'teacher' || step === 1));
});
