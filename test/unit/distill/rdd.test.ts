import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resizeToLabels } from '../../../src/distill/losses/cross-entropy';
import { kd } from '../../../src/distill/losses/kd';
import { tfeDifficulty, tfeWeights } from '../../../src/distill/losses/rdd-tfe';
import { tseWeights } from '../../../src/distill/losses/rdd-tse';
import { resolveRdd } from '../../../src/distill/methods/rdd-options';
import { createMethods } from '../../../src/distill/methods/registry';
import type { Config } from '../../../src/protocol/config';
import { rddSchema } from '../../../src/protocol/config-rdd';
import { near, type OneStep, oneStep } from './support/one-step';
import { lastState, record, stepsOf, tinyConfig } from './support/runs';
import { CLASSES } from './support/scenes';

type Rdd = Partial<Parameters<typeof rddSchema.parse>[0] & object>;
const withRdd = (options: Rdd = {}, training: Partial<Config['training']> = {}): Config =>
  tinyConfig({ methods: [{ kind: 'rdd', ...options }], training });

/** Sum of map * weights over a denominator, in plain numbers. */
function reduced(map: ArrayLike<number>, weights: ArrayLike<number>, by: (w: number, i: number) => number) {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < map.length; i++) {
    sum += map[i]! * weights[i]!;
    count += by(weights[i]!, i);
  }
  return count === 0 ? 0 : sum / count;
}

/** The TFE task loss of a head in plain numbers. */
function tfe(
  { ctx, outputs }: OneStep,
  head: 'main' | 'aux',
  direction: 'aux-main' | 'main-aux',
  all: boolean,
) {
  const [{ teacher, main, aux }] = outputs as [(typeof outputs)[0]];
  const difficulty = tfeDifficulty(ctx.engine, teacher!.logits, teacher!.aux[0]!.logits, { direction });
  const weights = tfeWeights(ctx.engine, difficulty, [ctx.batch.height, ctx.batch.width]).dataSync();
  const map = (head === 'main' ? main : aux[0]!).taskMap.dataSync();
  return reduced(map, weights, (_w, i) => (all || ctx.batch.labels[i]! >= 0 ? 1 : 0));
}

/** The TSE task loss of a head in plain numbers. */
function tse(
  { ctx, outputs }: OneStep,
  head: 'main' | 'aux',
  options: { confidence: 'label' | 'max'; minKept: number; all: boolean },
  alignCorners = true,
) {
  const [o] = outputs as [(typeof outputs)[0]];
  const main = head === 'main';
  const { weights } = tseWeights(
    ctx.engine,
    (main ? o.main : o.aux[0]!).upLogits,
    resizeToLabels(ctx.engine, (main ? o.teacher! : o.teacher!.aux[0]!).logits, ctx.labels, alignCorners),
    ctx.labels,
    { ...options, mode: 'xor', threshold: 0.25 },
  );
  return reduced((main ? o.main : o.aux[0]!).taskMap.dataSync(), weights.dataSync(), (w) =>
    options.all ? 1 : w,
  );
}

test('TFE as in the code: KL(aux || main), one map for both heads, mean over all pixels', async () => {
  await oneStep(withRdd({ stages: 'tfe' }), { stage: 'student' }, (step) => {
    near(step.terms.task, tfe(step, 'main', 'aux-main', true));
    near(step.terms['task.aux'], 0.4 * tfe(step, 'aux', 'aux-main', true));
    const { output, teacher } = step.outputs[0]!;
    near(
      step.terms.kd,
      kd(step.ctx.engine, output.logits, teacher!.logits, { temperature: 1 }).dataSync()[0]!,
    );
  });
});

test('TFE as in the paper: KL(main || aux), mean over labelled pixels', async () => {
  await oneStep(withRdd({ stages: 'tfe', fidelity: 'paper' }), { stage: 'student' }, (step) => {
    near(step.terms.task, tfe(step, 'main', 'main-aux', false));
    assert.ok(Math.abs(step.terms.task! - tfe(step, 'main', 'aux-main', false)) > 1e-4);
  });
});

test('TSE as in the code: label confidence, mean over kept pixels, masks of their own for main and aux', async () => {
  const config = withRdd({ stages: 'tse', tse: { threshold: 0.25 } });
  const options = { confidence: 'label', minKept: 98, all: false } as const;
  await oneStep(config, { stage: 'student' }, (step) => {
    const [main, aux] = [tse(step, 'main', options), tse(step, 'aux', options)];
    assert.ok(main > 0 && aux > 0);
    near(step.terms.task, main);
    near(step.terms['task.aux'], 0.4 * aux);
  });
});

test('TSE resizes the logits of the teacher as its own style does', async () => {
  const style = (name: 'cirkd' | 'mmseg'): Config => {
    const config = withRdd({ stages: 'tse', tse: { threshold: 0.25 } });
    return { ...config, teacher: { ...config.student, style: name } };
  };
  const options = { confidence: 'label', minKept: 98, all: false } as const;
  await oneStep(style('mmseg'), { stage: 'student' }, (step) => {
    near(step.terms.task, tse(step, 'main', options, false));
    assert.ok(Math.abs(step.terms.task! - tse(step, 'main', options, true)) > 1e-4);
  });
  await oneStep(style('cirkd'), { stage: 'student' }, (step) =>
    near(step.terms.task, tse(step, 'main', options, true)),
  );
});

test('TSE as in the paper: largest probability, no floor, mean over all pixels; single switches override', async () => {
  const paper = { stages: 'tse', fidelity: 'paper' } as const;
  await oneStep(
    withRdd({ ...paper, tse: { threshold: 0.25, confidence: 'label' } }),
    { stage: 'student' },
    (step) => near(step.terms.task, tse(step, 'main', { confidence: 'label', minKept: 0, all: true })),
  );
  const resolved = resolveRdd(rddSchema.parse({ kind: 'rdd', fidelity: 'paper' }), withRdd(), CLASSES);
  assert.equal(resolved.tse.confidence, 'max');
  assert.equal(resolved.tse.minKept, 0);
});

test('linear handover: shares of TFE and TSE that add up to one', async () => {
  const config = withRdd({ handover: 'linear', warmup: 0.2, tse: { threshold: 0.25 } }, { iterations: 10 });
  await oneStep(config, { stage: 'student', step: 8 }, (step) => {
    const parts = [
      tfe(step, 'main', 'aux-main', true),
      tse(step, 'main', { confidence: 'label', minKept: 98, all: false }),
    ] as const;
    near(step.terms.task, 0.25 * parts[0] + 0.75 * parts[1]);
  });
});

test('the stage switches where code and paper say (T1)', () => {
  const phase = (options: Rdd, step: number) => {
    const [method] = createMethods(withRdd(options, { iterations: 40000 }), CLASSES);
    return method!.phase!({ stage: 'student', step, iterations: 40000 });
  };
  const around = (options: Rdd) => [3999, 4000, 4001].map((step) => phase(options, step));
  assert.deepEqual(around({}), ['tfe', 'tse', 'tse']);
  assert.deepEqual(around({ fidelity: 'paper' }), ['tfe', 'tfe', 'tse']);
  assert.deepEqual(around({ handover: 'linear' }), ['tfe', 'tfe', 'blend']);
  assert.equal(phase({ handover: 'linear' }, 40000), 'tse');
  assert.deepEqual(around({ stages: 'tfe' }), ['tfe', 'tfe', 'tfe']);
  assert.deepEqual(around({ stages: 'tse' }), ['tse', 'tse', 'tse']);
  const [method] = createMethods(withRdd(), CLASSES);
  assert.equal(method!.phase!({ stage: 'teacher', step: 1, iterations: 10 }), undefined);
});

test('phases in the journal of a run', async () => {
  const run = await record(withRdd({ warmup: 0.5 }, { teacherIterations: 1, iterations: 4 }));
  assert.deepEqual(
    stepsOf(run).map(({ phase }) => phase),
    [undefined, 'tfe', 'tse', 'tse', 'tse'],
  );
});

test('a student that is its own teacher leaves an empty mask, which costs nothing', async () => {
  await oneStep(withRdd({ stages: 'tse' }), { stage: 'student', same: true }, ({ terms }) => {
    assert.deepEqual([terms.task, terms['task.aux']], [0, 0]);
    near(terms.kd, 0);
  });
});

test('weights of one everywhere are the baseline, bit for bit', async () => {
  const ones = withRdd({ stages: 'tse', tse: { mode: 'or', minKept: 10 ** 9 }, kd: { weight: 0 } });
  const [rdd, baseline] = [await record(ones), await record(tinyConfig())];
  assert.equal(lastState(rdd)['student.safetensors'], lastState(baseline)['student.safetensors']);
});

test('RDD weights by the teacher of LAD, and their terms add up', async () => {
  const config = tinyConfig({ methods: [{ kind: 'lad' }, { kind: 'rdd', stages: 'tfe' }, { kind: 'kd' }] });
  await oneStep(config, { stage: 'student' }, (step) => {
    assert.equal(step.outputs[0]!.view.teacherInput!.shape[3], 4);
    near(step.terms.task, tfe(step, 'main', 'aux-main', true));
    assert.deepEqual(Object.keys(step.terms), ['task', 'task.aux', 'cwd', 'kd']);
    const { output, teacher } = step.outputs[0]!;
    const once = kd(step.ctx.engine, output.logits, teacher!.logits, { temperature: 1 }).dataSync()[0]!;
    near(step.terms.kd, 2 * once);
  });
});

test('in the teacher stage RDD does nothing', async () => {
  await oneStep(withRdd(), { stage: 'teacher' }, ({ terms, methods, ctx, outputs }) => {
    assert.deepEqual(Object.keys(terms), ['task', 'task.aux']);
    assert.ok(terms.task! > 0);
    assert.deepEqual(methods[0]!.diagnostics!(ctx, outputs), []);
  });
});

test('the floor of hard pixels follows the size of the batch', () => {
  const floor = (options: Rdd, training: Partial<Config['training']>) =>
    resolveRdd(rddSchema.parse({ kind: 'rdd', ...options }), withRdd({}, training), CLASSES).tse.minKept;
  assert.equal(floor({}, { batch: 4, crop: [512, 1024] }), 100_000);
  assert.equal(floor({}, { batch: 16, crop: [512, 512] }), 200_000);
  assert.equal(floor({ tse: { minKept: 7 } }, { batch: 4, crop: [512, 1024] }), 7);
});

test('class weights must be as many as classes', () => {
  const tseOptions = { classWeights: [1, 2, 3] };
  assert.throws(() => createMethods(withRdd({ tse: tseOptions }), CLASSES), {
    code: 'config-invalid',
    message: /3 class weights for 4 classes/,
  });
  assert.ok(createMethods(withRdd({ tse: tseOptions }), 3));
});

test('pictures: difficulty at the size of the logits, and who finds a pixel hard', async () => {
  // A threshold below every confidence: the floor decides, half of it for one of the two images of a batch.
  const config = withRdd({ tse: { threshold: 0.01 } }, { batch: 2 });
  await oneStep(config, { stage: 'student' }, ({ ctx, outputs, methods }) => {
    const {
      teacher,
      main: { upLogits },
    } = outputs[0]!;
    const [difficulty, mask] = methods[0]!.diagnostics!(ctx, outputs);
    const expected = tfeDifficulty(ctx.engine, teacher!.logits, teacher!.aux[0]!.logits, {
      direction: 'aux-main',
    });
    assert.equal(difficulty!.name, 'difficulty');
    assert.deepEqual([difficulty!.height, difficulty!.width], [4, 4]);
    assert.deepEqual(difficulty!.data, expected.dataSync().slice(0, difficulty!.data.length));
    const up = resizeToLabels(ctx.engine, teacher!.logits, ctx.labels);
    const hard = tseWeights(ctx.engine, upLogits, up, ctx.labels, {
      mode: 'xor',
      threshold: 0.01,
      minKept: 49,
      confidence: 'label',
    });
    const [s, t] = [hard.student.dataSync(), hard.teacher.dataSync()];
    assert.deepEqual(
      Array.from(mask!.data),
      Array.from(s, (v, i) => v + 2 * t[i]!).slice(0, mask!.data.length),
    );
    assert.ok(new Set(mask!.data).size >= 3, 'the test case has hard and easy pixels');
  });
});
