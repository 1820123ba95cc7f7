import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy } from '../../src/distill/losses/cross-entropy';
import type { Engine } from '../../src/engine/engine';
import { RandomStream } from '../../src/engine/random';
import type { SegmenterChoice } from '../../src/nn/networks';
import { buildSegmenter } from '../../src/nn/registry';
import type { Segmenter } from '../../src/nn/segmenter';
import { fromTorch, torchShape, toTorch } from '../../src/nn/weights/layout';
import { type Case, close } from './cases';
import { labelMap, nhwc, wave } from './inputs';

/** Numbers of the same networks in PyTorch, written by pytorch/segmenter.py. */
interface Digest {
  shape: number[];
  norm: number;
  sum: number;
  step: number;
  values: number[];
}
interface Fixture extends Pick<SegmenterChoice, 'model' | 'classes' | 'inputChannels' | 'width'> {
  size: [number, number];
  /** How far rounding alone moves gradients in PyTorch: ReLUs at their kinks. */
  rounding: number;
  evaluation: Record<'logits' | 'auxLogits' | 'features', Digest>;
  losses: number[];
  gradients: Record<string, { norm: number; sum: number }>;
  running: Record<string, { norm: number; first: number; last: number }>;
}
const fixtures: Fixture[] = JSON.parse(
  readFileSync(join(__dirname, 'pytorch', 'segmenter.json'), 'utf8'),
).cases;

/** The formulas of `fill` in pytorch/segmenter.py. */
function formulaWeights(name: string, k: number, shape: readonly number[]): Float64Array {
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length === 4) {
    const amp = 2 / Math.sqrt(size / shape[0]!);
    return Float64Array.from({ length: size }, (_, i) => amp * Math.sin(0.618034 * i * i + 0.3 * k + 1));
  }
  if (name.endsWith('running_mean')) return wave(size, 1.3, 0.2 * k, 0.1);
  if (name.endsWith('running_var')) return wave(size, 1.1, 0.4 * k, 0.3).map((v) => 1 + v);
  if (name.endsWith('weight')) return wave(size, 0.9, 0.5 * k, 0.2).map((v) => 1 + v);
  return wave(size, 1.7, 0.6 * k, 0.1);
}

function fill({ tf }: Engine, segmenter: Segmenter): void {
  let k = 0;
  for (const [name, { variable, depthwise }] of segmenter.weights) {
    const { shape } = variable;
    const layout = { shape, depthwise };
    const values = Float32Array.from(formulaWeights(name, k++, torchShape(layout)));
    variable.assign(tf.tensor(fromTorch(values, layout), shape) as typeof variable);
  }
}

/** Values of a tensor in PyTorch's order: NCHW for activations, OIHW for filters. */
function torchOrder({ tf }: Engine, x: Tensor, kind: 'activation' | 'weight'): Float32Array {
  if (kind === 'weight')
    return toTorch(x.dataSync<'float32'>() as Float32Array, { shape: x.shape, depthwise: false });
  return tf.transpose(x, [0, 3, 1, 2]).dataSync<'float32'>() as Float32Array;
}

const normOf = (values: Float32Array) => Math.sqrt(values.reduce((s, v) => s + v * v, 0));
const signedSum = (values: Float32Array) => values.reduce((s, v, i) => s + v * Math.cos(i), 0);

function within(actual: number, expected: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${what}: ${actual} is not ${expected} within ${tolerance}`,
  );
}

function parity(fixture: Fixture, check: (engine: Engine, segmenter: Segmenter) => void) {
  return (engine: Engine) => {
    const spec: SegmenterChoice = { ...fixture, backbone: 'resnet18' };
    const segmenter = buildSegmenter(engine, spec, RandomStream.seeded(1, 'init'));
    try {
      fill(engine, segmenter);
      check(engine, segmenter);
    } finally {
      segmenter.dispose();
    }
  };
}

const IMAGES = 3;
const CONTRAST = [1, 0.25, 2];

function input({ tf }: Engine, { inputChannels, size: [h, w] }: Fixture): Tensor4D {
  const perImage = inputChannels * h * w;
  const values = wave(IMAGES * perImage, 0.37, 0.1, 2).map((v, i) => v * CONTRAST[Math.floor(i / perImage)]!);
  return tf.tensor4d(nhwc(values, [IMAGES, inputChannels, h, w]), [IMAGES, h, w, inputChannels]);
}

function evaluationCase(fixture: Fixture): Case {
  return {
    name: `N3: ${fixture.model} equals PyTorch in evaluation, ${fixture.size}`,
    run: parity(fixture, (engine, segmenter) => {
      const outputs = segmenter.forward(input(engine, fixture), { batchNorm: 'frozen', dropout: null });
      for (const [name, expected] of Object.entries(fixture.evaluation)) {
        const tensor = name === 'auxLogits' ? outputs.aux[0]!.logits : outputs[name as 'logits' | 'features'];
        const values = torchOrder(engine, tensor, 'activation');
        const [n, h, w, c] = tensor.shape;
        assert.deepEqual([n, c, h, w], expected.shape, name);
        close(normOf(values), expected.norm);
        // Single values and sums that cancel: 1e-4 of the size of the whole.
        const scale = expected.norm / Math.sqrt(values.length);
        within(signedSum(values), expected.sum, 1e-4 * expected.norm, name);
        for (const [i, v] of expected.values.entries())
          within(
            values[i * expected.step]!,
            v,
            1e-4 * (Math.abs(v) + scale),
            `${name}[${i * expected.step}]`,
          );
      }
    }),
  };
}

function trainingCase(fixture: Fixture): Case {
  return {
    name: `N3: ${fixture.model} equals PyTorch over three steps of training, ${fixture.size}`,
    run: parity(fixture, (engine, segmenter) => {
      const { tf, ops } = engine;
      const x = input(engine, fixture);
      const labels = tf.tensor3d(
        labelMap(
          [IMAGES, ...fixture.size],
          (n, y, col) => ((7 * n + Math.floor(y / 5) + Math.floor(col / 7)) % (fixture.classes + 1)) - 1,
        ),
        [IMAGES, ...fixture.size],
        'int32',
      );
      const trainable = [...segmenter.weights].filter(([, w]) => w.trainable);
      const velocities = new Map(trainable.map(([name, w]) => [name, tf.variable(tf.zerosLike(w.variable))]));
      const gradients = () =>
        tf.variableGrads(
          () => {
            const { logits, aux } = segmenter.forward(x, { batchNorm: 'train', dropout: null });
            const main = crossEntropy(engine, logits, labels);
            return tf.add(main, tf.mul(crossEntropy(engine, aux[0]!.logits, labels), 0.4));
          },
          trainable.map(([, w]) => w.variable),
        );

      const first = gradients();
      close(first.value, fixture.losses[0]!);
      // 1e-3 of the gradient, or of a thousandth of the largest, or what rounding does to them in PyTorch, up to 1e-2.
      const relative = Math.min(1e-2, Math.max(1e-3, 2 * fixture.rounding));
      const largest = Math.max(...Object.values(fixture.gradients).map((g) => g.norm));
      for (const [name, { variable }] of trainable) {
        const expected = fixture.gradients[name]!;
        const values = torchOrder(engine, first.grads[variable.name]!, 'weight');
        const tolerance = relative * Math.max(expected.norm, 1e-3 * largest);
        within(normOf(values), expected.norm, tolerance, `norm of the gradient of ${name}`);
        within(signedSum(values), expected.sum, tolerance, `sum over the gradient of ${name}`);
      }
      assert.equal(trainable.length, Object.keys(fixture.gradients).length);
      for (const [name, expected] of Object.entries(fixture.running)) {
        const values = segmenter.weights.get(name)!.variable.dataSync() as Float32Array;
        const tolerance = 1e-3 * expected.norm;
        within(normOf(values), expected.norm, tolerance, name);
        within(values[0]!, expected.first, tolerance, `${name}[0]`);
        within(values.at(-1)!, expected.last, tolerance, `${name}[last]`);
      }

      let { grads } = first;
      for (const loss of fixture.losses.slice(1)) {
        for (const [name, { variable }] of trainable)
          ops.sgdStep(variable, grads[variable.name]!, velocities.get(name)!, {
            lr: 0.002,
            momentum: 0.9,
            weightDecay: 1e-4,
          });
        const next = gradients();
        close(next.value, loss, relative);
        grads = next.grads;
      }
      for (const v of velocities.values()) v.dispose();
    }),
  };
}

const published: [SegmenterChoice['model'], number, number, number][] = [
  ['deeplabv3', 19, 3, 13_607_974],
  ['pspnet', 19, 3, 12_919_334],
  ['deeplabv3', 11, 3, 13_606_422],
  ['deeplabv3', 21, 3, 13_608_362],
  ['deeplabv3', 150, 3, 13_633_388],
  ['deeplabv3', 182, 3, 13_639_596],
  ['deeplabv3', 19, 4, 13_607_974 + 576],
];

export const segmenterCases: Case[] = [
  {
    name: 'N1: parameter counts of the published networks',
    run(engine) {
      for (const [model, classes, inputChannels, count] of published) {
        const spec: SegmenterChoice = { model, backbone: 'resnet18', classes, inputChannels, width: 1 };
        const segmenter = buildSegmenter(engine, spec, RandomStream.seeded(1, 'init'));
        assert.equal(segmenter.parameterCount(), count, `${model}, ${classes} classes`);
        segmenter.dispose();
      }
    },
  },
  ...(['deeplabv3', 'pspnet'] as const).map((model) => ({
    name: `N2: output shapes of ${model}`,
    run(engine: Engine) {
      const shapes = (width: number, height: number, inputWidth: number) => {
        const spec: SegmenterChoice = { model, backbone: 'resnet18', classes: 19, inputChannels: 3, width };
        const segmenter = buildSegmenter(engine, spec, RandomStream.seeded(1, 'init'));
        const x = engine.tf.zeros([1, height, inputWidth, 3]) as Tensor4D;
        const out = segmenter.forward(x, { batchNorm: 'frozen', dropout: null });
        segmenter.dispose();
        return [out.logits.shape, out.aux[0]!.logits.shape, out.features.shape];
      };
      assert.deepEqual(shapes(1, 128, 256), [
        [1, 16, 32, 19],
        [1, 16, 32, 19],
        [1, 16, 32, 128],
      ]);
      assert.deepEqual(shapes(0.0625, 360, 360), [
        [1, 45, 45, 19],
        [1, 45, 45, 19],
        [1, 45, 45, 8],
      ]);
    },
  })),
  ...fixtures.flatMap((fixture) => [evaluationCase(fixture), trainingCase(fixture)]),
];
