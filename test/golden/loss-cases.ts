import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { hingeDiscriminator, hingeGenerator } from '../../src/distill/losses/adversarial';
import { attentionTransfer } from '../../src/distill/losses/attention-transfer';
import { cirkdMemory, cirkdMiniBatch } from '../../src/distill/losses/cirkd';
import { crossEntropy, resizeToLabels } from '../../src/distill/losses/cross-entropy';
import { cwd } from '../../src/distill/losses/cwd';
import { dist } from '../../src/distill/losses/dist';
import { type DsdMaps, dsdCategory, dsdPixel } from '../../src/distill/losses/dsd';
import { fitnet } from '../../src/distill/losses/fitnet';
import { ifvd } from '../../src/distill/losses/ifvd';
import { kd } from '../../src/distill/losses/kd';
import { ladConsistency } from '../../src/distill/losses/lad-consistency';
import { pixelKl } from '../../src/distill/losses/pixel-kl';
import { rddTfeWeights } from '../../src/distill/losses/rdd-tfe';
import { tseWeights } from '../../src/distill/losses/rdd-tse';
import { skdPairwise } from '../../src/distill/losses/skd-pairwise';
import type { Engine } from '../../src/engine/engine';
import { type Case, close, norm } from './cases';
import { commonInputs, labelMap, type Nchw, nhwc, rddInputs, wave, waveTensor } from './inputs';

/** Numbers of the same losses in PyTorch, written by pytorch/losses.py. */
interface Fixture {
  name: string;
  loss: number;
  gradients: Record<string, { norm: number; step: number; values: number[] }>;
}
const fixtures: { cases: Fixture[] } = JSON.parse(
  readFileSync(join(__dirname, 'pytorch', 'losses.json'), 'utf8'),
);

/** A loss of named inputs, and the inputs in the order of the fixture's gradients. */
interface LossCase {
  /** Of the fixture. */
  name: string;
  /** Golden case of the official modules, with its value. */
  golden?: [string, number];
  inputs(engine: Engine): Tensor[];
  loss(engine: Engine, ...inputs: Tensor4D[]): Scalar;
  /** Of the loss and, against the norm, of the gradients; 1e-4 unless the arithmetic of float32 does not reach it. */
  tolerance?: number;
}

const studentLogits = (e: Engine) => commonInputs(e).S;
const teacherLogits = (e: Engine) => commonInputs(e).T;
const studentFeatures = (e: Engine, size: [number, number] = [6, 8]) =>
  waveTensor(e, [2, 8, ...size], 0.31, 0.2, 2);
const teacherFeatures = (e: Engine, size: [number, number] = [6, 8]) =>
  waveTensor(e, [2, 16, ...size], 0.17, 0.9, 1.5, Math.cos);
/** PyTorch's [16,8,1,1] as [1,1,8,16]. */
const adapter = ({ tf }: Engine) =>
  tf.transpose(tf.tensor4d(Float32Array.from(wave(128, 0.13, 0, 0.25)), [1, 1, 16, 8]), [0, 1, 3, 2]);

function unitRows({ tf }: Engine, shape: [number, number], a: number, b: number, fn = Math.sin): Tensor2D {
  const x = tf.tensor2d(Float32Array.from(wave(shape[0] * shape[1], a, b, 1, fn)), shape);
  return tf.div(x, tf.norm(x, 2, 1, true));
}

const dsdShape: Nchw = [2, 5, 6, 8];
const dsdStudent = (e: Engine): DsdMaps => [
  waveTensor(e, dsdShape, 0.21, 0.3, 2),
  studentFeatures(e),
  waveTensor(e, dsdShape, 0.37, 0.3, 2),
];
const dsdTeacher = (e: Engine): DsdMaps => [
  waveTensor(e, dsdShape, 0.29, 0.7, 2.5, Math.cos),
  teacherFeatures(e),
  waveTensor(e, dsdShape, 0.41, 0.7, 2.5, Math.cos),
];

function blockLabels({ tf }: Engine) {
  const shape = [2, 24, 32] as const;
  const ids = labelMap(shape, (n, y, x) => (Math.floor((5 * n + 2 * y + 3 * x) / 7) % 6) - 1);
  return tf.tensor3d(ids, [...shape], 'int32');
}

const logits = (loss: (e: Engine, s: Tensor4D, t: Tensor4D) => Scalar) => ({
  inputs: (e: Engine) => [studentLogits(e)],
  loss: (e: Engine, s: Tensor4D) => loss(e, s, teacherLogits(e)),
});
const features = (loss: (e: Engine, s: Tensor4D, t: Tensor4D) => Scalar) => ({
  inputs: (e: Engine) => [studentFeatures(e)],
  loss: (e: Engine, s: Tensor4D) => loss(e, s, teacherFeatures(e)),
});
const adapted = (loss: (e: Engine, s: Tensor4D, t: Tensor4D, adapter: Tensor4D) => Scalar) => ({
  inputs: (e: Engine) => [studentFeatures(e), adapter(e)],
  loss: (e: Engine, s: Tensor4D, w: Tensor4D) => loss(e, s, teacherFeatures(e), w),
});
const paths = (options: Partial<Parameters<typeof ladConsistency>[3]>) => ({
  inputs: (e: Engine) => [studentLogits(e), teacherLogits(e)],
  loss: (e: Engine, one: Tensor4D, two: Tensor4D) =>
    ladConsistency(e, one, two, { temperature: 4, ...options }),
});
const fake = (e: Engine) => waveTensor(e, [2, 1, 1, 5], 0.8, 0.1, 2);

const lossCases: LossCase[] = [
  {
    name: 'cross entropy',
    golden: ['G1', 2.47492402449],
    inputs: (e) => [studentLogits(e)],
    loss: (e, s) => crossEntropy(e, s, commonInputs(e).labels),
  },
  {
    name: 'KD, temperature 1',
    golden: ['G3', 2.54142712476],
    ...logits((e, s, t) => kd(e, s, t, { temperature: 1 })),
  },
  {
    name: 'KD, temperature 4',
    golden: ['G3', 5.42856799516],
    ...logits((e, s, t) => kd(e, s, t, { temperature: 4 })),
  },
  {
    name: 'KD, student || teacher',
    ...logits((e, s, t) => kd(e, s, t, { temperature: 1, direction: 'student-teacher' })),
  },
  {
    name: 'CWD, temperature 4',
    golden: ['G4', 5.62383733781],
    ...logits((e, s, t) => cwd(e, s, t, { temperature: 4 })),
  },
  {
    name: 'CWD of features',
    golden: ['G10', 1.08053703664],
    ...adapted((e, s, t, w) => cwd(e, s, t, { temperature: 4, adapter: w })),
  },
  { name: 'SKD', golden: ['G5', 0.330509257502], ...features(skdPairwise) },
  {
    name: 'SKD, odd size',
    inputs: (e) => [studentFeatures(e, [5, 7])],
    loss: (e, s) => skdPairwise(e, s, teacherFeatures(e, [5, 7])),
  },
  {
    name: 'IFVD',
    golden: ['G7', 0.758839095409],
    ...features((e, s, t) => ifvd(e, s, t, blockLabels(e), { classes: 5 })),
  },
  { name: 'AT', golden: ['G6', 7.58647709893e-5], ...features(attentionTransfer) },
  {
    name: 'FitNet',
    golden: ['G9', 1.14706555252],
    ...adapted((e, s, t, w) => fitnet(e, s, t, { adapter: w })),
  },
  {
    name: 'DSD, pixels',
    golden: ['G11', 0.0310356693745],
    inputs: (e) => [...dsdStudent(e)],
    loss: (e, ...maps) => dsdPixel(e, maps as unknown as DsdMaps, dsdTeacher(e)),
  },
  {
    name: 'DSD, categories',
    golden: ['G11', 1.1870951092e-9],
    inputs: (e) => [dsdStudent(e)[2]],
    loss: (e, s) => dsdCategory(e, s, dsdTeacher(e)[2], { temperature: 4 }),
    // Made of differences of 3e-5 between products of 0.08.
    tolerance: 1e-3,
  },
  {
    name: 'DSD, categories, odd size',
    inputs: (e) => [waveTensor(e, [2, 5, 5, 7], 0.37, 0.3, 2)],
    loss: (e, s) =>
      dsdCategory(e, s, waveTensor(e, [2, 5, 5, 7], 0.41, 0.7, 2.5, Math.cos), { temperature: 4 }),
  },
  {
    name: 'CIRKD, mini-batch',
    golden: ['G8', 8.63776647793],
    ...features((e, s, t) => cirkdMiniBatch(e, s, t, { temperature: 0.1 })),
  },
  {
    name: 'CIRKD, memory',
    golden: ['G12', 3.28981082057],
    inputs: (e) => [unitRows(e, [7, 16], 0.33, 0.2)],
    loss: (e, s) =>
      cirkdMemory(
        e,
        s as Tensor as Tensor2D,
        unitRows(e, [7, 16], 0.45, 0.6, Math.cos),
        unitRows(e, [12, 16], 0.19, 0.4),
        { temperature: 0.1 },
      ),
  },
  {
    name: 'DIST',
    golden: ['G15', 2.06489798101],
    ...logits((e, s, t) => dist(e, s, t, { inter: 1, intra: 1, temperature: 1 })),
  },
  {
    name: 'DIST, weights 1 and 2',
    ...logits((e, s, t) => dist(e, s, t, { inter: 1, intra: 2, temperature: 1 })),
  },
  {
    name: 'pixel KL of LAD',
    golden: ['G16', 0.33927019721],
    ...logits((e, s, t) => pixelKl(e, s, t, { temperature: 4 })),
  },
  { name: 'LAD consistency', golden: ['L1', 11.5322449187], ...paths({}) },
  {
    name: 'LAD consistency, one way',
    ...logits((e, one, two) => ladConsistency(e, one, two, { temperature: 4, symmetric: false })),
  },
  { name: 'LAD consistency, attached', ...paths({ detachTarget: false }) },
  { name: 'LAD consistency, KL', ...paths({ distance: 'kl' }) },
  { name: 'LAD consistency, squared', ...paths({ distance: 'squared' }) },
  {
    name: 'RDD, TFE',
    inputs: (e) => [rddInputs(e).student],
    loss(e, s) {
      const { teacher, teacherAux, labels } = rddInputs(e);
      const weights = rddTfeWeights(e, teacher, teacherAux, { direction: 'aux-main', size: [16, 20] });
      return crossEntropy(e, s, labels, { reduction: 'all', weights });
    },
  },
  {
    name: 'RDD, TSE',
    inputs: (e) => [rddInputs(e).student],
    loss(e, s) {
      const { teacher, labels } = rddInputs(e);
      const up = (z: Tensor4D) => resizeToLabels(e, z, labels);
      const { weights } = tseWeights(e, up(s), up(teacher), labels, {
        mode: 'xor',
        threshold: 0.7,
        minKept: 400,
        confidence: 'label',
        classWeights: Array.from({ length: 19 }, (_, k) => 0.5 + k / 19),
      });
      return crossEntropy(e, s, labels, { reduction: 'weights', weights });
    },
  },
  {
    name: 'hinge, discriminator',
    golden: ['G14', 2.64102176894],
    inputs: (e) => [fake(e), waveTensor(e, [2, 1, 1, 5], 0.6, 0.4, 2, Math.cos)],
    loss: (e, student, teacher) => hingeDiscriminator(e, student, teacher),
  },
  {
    name: 'hinge, generator',
    golden: ['G14', -0.205938585823],
    inputs: (e) => [fake(e)],
    loss: hingeGenerator,
  },
];

/** PyTorch's gradient of an input, compared in the order of channels last. */
function assertGradient(
  { tf }: Engine,
  name: string,
  actual: Tensor,
  expected: Fixture['gradients'][string],
  tolerance: number,
): void {
  const length = norm(actual);
  assert.ok(
    Math.abs(length - expected.norm) <= tolerance * expected.norm,
    `${name}: norm ${length} is not ${expected.norm}`,
  );
  // The fixture has a filter's channels last, too: [to,1,1,from].
  const filter = actual.rank === 4 && actual.shape[0] === 1 && actual.shape[1] === 1;
  const values = (filter ? tf.transpose(actual, [3, 0, 1, 2]) : actual).dataSync<'float32'>();
  const scale = expected.norm / Math.sqrt(actual.size);
  for (const [i, v] of expected.values.entries())
    assert.ok(
      Math.abs(values[i * expected.step]! - v) <= 3 * tolerance * scale,
      `${name}[${i * expected.step}]: ${values[i * expected.step]} is not ${v}`,
    );
}

export const lossesAsInPyTorch: Case[] = [
  ...lossCases.map(({ name, golden, inputs, loss, tolerance = 1e-4 }) => ({
    name: `${golden ? `${golden[0]}: ` : ''}${name}, value and gradients`,
    run(engine: Engine) {
      const { tf } = engine;
      const fixture = fixtures.cases.find((c) => c.name === name)!;
      const names = Object.keys(fixture.gradients);
      const { value, grads } = tf.valueAndGrads((...xs: Tensor[]) => loss(engine, ...(xs as Tensor4D[])))(
        inputs(engine),
      );
      close(value, fixture.loss, tolerance);
      if (golden) close(value, golden[1], tolerance);
      assert.equal(grads.length, names.length);
      names.forEach((input, i) => {
        assertGradient(engine, input, grads[i]!, fixture.gradients[input]!, tolerance);
      });
    },
  })),
  {
    name: 'G13: CIRKD, keys of regions',
    run(engine) {
      const loss = cirkdMemory(
        engine,
        unitRows(engine, [7, 16], 0.33, 0.2),
        unitRows(engine, [7, 16], 0.45, 0.6, Math.cos),
        unitRows(engine, [9, 16], 0.27, 0.8, Math.cos),
        { temperature: 0.1 },
      );
      close(loss, 8.84392982321);
    },
  },
  {
    name: 'every fixture of PyTorch is compared',
    run() {
      assert.deepEqual(
        lossCases.map(({ name }) => name).sort(),
        fixtures.cases.map(({ name }) => name).sort(),
      );
    },
  },
  {
    name: 'inputs are read channels last',
    run: () => assert.deepEqual([...nhwc([0, 1, 2, 3], [1, 2, 1, 2])], [0, 2, 1, 3]),
  },
];
