import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import { attentionTransfer } from '../../../src/distill/losses/attention-transfer';
import { cirkdMiniBatch } from '../../../src/distill/losses/cirkd';
import { crossEntropy } from '../../../src/distill/losses/cross-entropy';
import { cwd } from '../../../src/distill/losses/cwd';
import { dist } from '../../../src/distill/losses/dist';
import { dsd } from '../../../src/distill/losses/dsd';
import { fitnet } from '../../../src/distill/losses/fitnet';
import { ifvd } from '../../../src/distill/losses/ifvd';
import { rddTfeWeights } from '../../../src/distill/losses/rdd-tfe';
import { skdPairwise } from '../../../src/distill/losses/skd-pairwise';
import type { ViewOutputs } from '../../../src/distill/method';
import type { ConfigInput } from '../../../src/protocol/config';
import { near, type OneStep, oneStep } from './support/one-step';
import { tinyConfig } from './support/runs';
import { CLASSES } from './support/scenes';

type Methods = NonNullable<ConfigInput['methods']>;
/** Twice as wide as the student: features need an adapter. */
const teacher = { width: 0.125 };
const student = { stage: 'student' } as const;
const scalar = (value: Scalar) => value.dataSync()[0]!;
const config = (...methods: Methods) => tinyConfig({ methods, teacher });

/** The filter of a method's adapter, by the name it has in checkpoints. */
function adapterOf({ ctx, methods }: OneStep, name = 'conv.weight'): Tensor4D {
  const { shape, read } = methods[0]!.arrays!().get(name)!;
  return ctx.engine.tf.tensor4d(read(), shape as Tensor4D['shape']);
}

const cases: {
  methods: Methods;
  expected: (s: OneStep, outputs: ViewOutputs) => Record<string, number>;
}[] = [
  {
    methods: [{ kind: 'kd', direction: 'student-teacher', weight: 2 }],
    expected: ({ ctx: { engine } }, { output, teacher }) => {
      const { tf, ops } = engine;
      const q = ops.logSoftmax(output.logits);
      const p = ops.logSoftmax(teacher!.logits);
      const kl = tf.sum(tf.mul(tf.exp(q), tf.sub(q, p)), 3);
      return { kd: 2 * scalar(tf.mean(kl)) };
    },
  },
  {
    methods: [{ kind: 'cwd', on: 'both' }],
    expected: (step, { output, teacher }) => {
      const { engine } = step.ctx;
      const features = { temperature: 4, adapter: adapterOf(step) };
      return {
        cwd: 3 * scalar(cwd(engine, output.logits, teacher!.logits, { temperature: 4 })),
        'cwd.features': 50 * scalar(cwd(engine, output.features, teacher!.features, features)),
      };
    },
  },
  {
    methods: [{ kind: 'skd', adversarial: { weight: 0 } }],
    expected: ({ ctx }, { output, teacher }) => ({
      skd: 10 * scalar(skdPairwise(ctx.engine, output.features, teacher!.features)),
    }),
  },
  {
    methods: [{ kind: 'ifvd' }],
    expected: ({ ctx }, { output, teacher }) => {
      const classes = { classes: CLASSES };
      return { ifvd: 20 * scalar(ifvd(ctx.engine, output.features, teacher!.features, ctx.labels, classes)) };
    },
  },
  {
    methods: [{ kind: 'at' }],
    expected: ({ ctx }, { output, teacher }) => ({
      at: 10000 * scalar(attentionTransfer(ctx.engine, output.features, teacher!.features)),
    }),
  },
  {
    methods: [{ kind: 'fitnet' }],
    expected: (step, { output, teacher }) => {
      const adapter = adapterOf(step);
      return {
        fitnet: 10 * scalar(fitnet(step.ctx.engine, output.features, teacher!.features, { adapter })),
      };
    },
  },
  {
    methods: [{ kind: 'dsd' }],
    expected: ({ ctx }, { output, teacher }) => {
      const maps = ({ aux, features, logits }: typeof output) => [aux[0]!.logits, features, logits] as const;
      const { pixel, category } = dsd(ctx.engine, maps(output), maps(teacher!), { temperature: 4 });
      return { 'dsd.pixel': 1000 * scalar(pixel), 'dsd.category': 10 * scalar(category) };
    },
  },
  {
    methods: [{ kind: 'dist', weight: 3, intra: 2 }],
    expected: ({ ctx }, { output, teacher }) => {
      const options = { inter: 1, intra: 2, temperature: 1 };
      return { dist: 3 * scalar(dist(ctx.engine, output.logits, teacher!.logits, options)) };
    },
  },
  {
    methods: [{ kind: 'cirkd', memory: { pixelWeight: 0, regionWeight: 0 } }],
    expected: ({ ctx }, { output, teacher }) => {
      const options = { temperature: 0.1 };
      return {
        'cirkd.batch': scalar(cirkdMiniBatch(ctx.engine, output.features, teacher!.features, options)),
      };
    },
  },
];

for (const { methods, expected } of cases)
  test(`${methods[0]!.kind}: its terms, by its published weights, are all that it adds`, async () => {
    let task: Record<string, number> = {};
    await oneStep(config({ kind: 'kd', weight: 0 }), student, ({ terms }) => {
      task = { task: terms.task!, 'task.aux': terms['task.aux']! };
    });
    await oneStep(config(...methods), student, (step) => {
      const all = { ...task, ...expected(step, step.outputs[0]!) };
      assert.deepEqual(Object.keys(step.terms).sort(), Object.keys(all).sort());
      for (const [id, value] of Object.entries(all)) {
        assert.ok(Math.abs(value) > 1e-9, `${id} is ${value}`);
        near(step.terms[id], value);
      }
    });
  });

test('a student that equals its teacher has nothing to learn from it', async () => {
  const all = tinyConfig({
    methods: [
      { kind: 'kd' },
      { kind: 'cwd', on: 'both' },
      { kind: 'skd', adversarial: { weight: 0 } },
      { kind: 'ifvd' },
      { kind: 'at' },
      { kind: 'dsd' },
      { kind: 'dist' },
      { kind: 'cirkd', memory: { pixelWeight: 0, regionWeight: 0 } },
    ],
  });
  await oneStep(all, { ...student, same: true }, ({ terms }) => {
    const { task, 'task.aux': _aux, ...others } = terms;
    assert.ok(task! > 0.1);
    assert.equal(Object.keys(others).length, 10);
    for (const [id, value] of Object.entries(others)) assert.ok(Math.abs(value) < 1e-4, `${id} is ${value}`);
  });
});

test('methods compose: each has the terms it has alone, and RDD weights the task loss under all of them', async () => {
  const others: Methods = [
    { kind: 'cwd' },
    { kind: 'skd', adversarial: { weight: 0 } },
    { kind: 'ifvd' },
    { kind: 'at' },
    { kind: 'dsd' },
    { kind: 'dist' },
    { kind: 'cirkd', memory: { pixelWeight: 0, regionWeight: 0 } },
  ];
  for (const stages of ['tfe', 'tse'] as const) {
    const alone: Record<string, number> = {};
    await oneStep(config({ kind: 'rdd', stages }), student, ({ terms }) => Object.assign(alone, terms));
    for (const method of others)
      await oneStep(config(method), student, ({ terms: { task: _t, 'task.aux': _a, ...own } }) =>
        Object.assign(alone, own),
      );
    await oneStep(config({ kind: 'rdd', stages }, ...others), student, ({ terms }) => {
      assert.deepEqual(Object.keys(terms).sort(), Object.keys(alone).sort());
      for (const [id, value] of Object.entries(alone)) near(terms[id], value);
    });
  }
});

test('beside AT, DSD and CIRKD the weights of the pixels are lost only where the released code is asked for', async () => {
  const weighted = async (rdd: object, expected: (step: OneStep) => number) => {
    for (const other of ['at', 'dsd'] as const)
      await oneStep(config({ kind: 'rdd', stages: 'tfe', ...rdd }, { kind: other }), student, (step) =>
        near(step.terms.task, expected(step)),
      );
  };
  const weightsOf = ({ ctx, outputs }: OneStep) => {
    const { logits, aux } = outputs[0]!.teacher!;
    const size: [number, number] = [ctx.batch.height, ctx.batch.width];
    return rddTfeWeights(ctx.engine, logits, aux[0]!.logits, { direction: 'aux-main', size });
  };
  const perPixel = (step: OneStep) => {
    const { engine, labels } = step.ctx;
    const options = { reduction: 'all', weights: weightsOf(step) } as const;
    return scalar(crossEntropy(engine, step.outputs[0]!.output.logits, labels, options));
  };
  const byMean = (step: OneStep) => {
    const { engine, labels } = step.ctx;
    const mean = scalar(engine.tf.mean(weightsOf(step)));
    return mean * scalar(crossEntropy(engine, step.outputs[0]!.output.logits, labels));
  };
  await weighted({}, perPixel);
  await weighted({ fidelity: 'code' }, byMean);
  await weighted({ fidelity: 'code', tfe: { weighting: 'pixel' } }, perPixel);
  await weighted({ tfe: { weighting: 'mean' } }, byMean);
  await oneStep(config({ kind: 'rdd', stages: 'tfe', fidelity: 'code' }, { kind: 'cwd' }), student, (step) =>
    near(step.terms.task, perPixel(step)),
  );
});
